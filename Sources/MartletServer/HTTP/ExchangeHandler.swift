#if Server

internal import MartletSystem
internal import NIOCore
internal import NIOHTTP1

/// Keeps a connection to the rules of HTTP/1.1 and HTTP/1.0: one request and its answer at a time, how each
/// message ends, and whether the connection goes on after it (RFC 9112, 6 and 9).
///
/// What stands above it sees requests that are well formed, and need not think of versions, of HEAD or of the
/// field Connection.
final class ExchangeHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// How long each part of an exchange may take; nil: any time.
    struct Timeouts: Sendable {
        /// Between exchanges, and until the first request is there.
        var idle: TimeAmount?
        /// While a client reads nothing of what is sent to it.
        var stall: TimeAmount?
        /// From a request's head to the end of its body.
        var body: TimeAmount?
        /// After the last answer, until the client has closed its side.
        var linger = TimeAmount.seconds(2)
        /// After a client has closed its sending side, until it is asked whether it still reads.
        var probe = TimeAmount.seconds(1)
    }

    /// The rest of a body that nobody reads and that is shorter than this is read to keep the connection.
    private static let shortRest = 64 << 10
    /// Bytes of a client that sends on after the last answer.
    private static let mostLingering = 1 << 20

    private static let connectionFields = [
        "connection", "keep-alive", "upgrade", "http2-settings", "proxy-connection",
    ]

    /// As ``AcceptHandler`` sees it.
    private static var now: UInt64 { NIODeadline.now().uptimeNanoseconds }

    enum Phase {
        /// Between exchanges.
        case idle
        case exchange(Exchange)
        /// The last answer is out; what the client still sends is dropped until it closes.
        case lingering
    }

    enum Event {
        case part(HTTPServerRequestPart)
        case malformed(HTTPParserError)
    }

    private let timeouts: Timeouts
    private let connection: Connection
    private let decoders: DecoderChain
    private var phase = Phase.idle
    /// Requests that came before the answer to the one before them.
    private var waiting = CircularBuffer<Event>()
    private var isDraining = false
    private var isInputClosed = false
    private var isReplaying = false
    private var isReadDelayed = false
    private var timer: Scheduled<Void>?
    /// Whether a new client waits for this connection's place.
    private var isPlaceWanted = false
    private var lingered = 0

    init(_ connection: Connection, decoders: DecoderChain, timeouts: Timeouts) {
        self.connection = connection
        self.decoders = decoders
        self.timeouts = timeouts
    }

    func handlerAdded(context: ChannelHandlerContext) {
        becomeIdle(context)
        connection.wait = .first(since: Self.now)
    }

    func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        connection.wait = nil
        context.fireChannelInactive()
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        take(.part(unwrapInboundIn(data)), context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else { return context.fireErrorCaught(error) }
        take(.malformed(error), context)
    }

    private func take(_ event: Event, _ context: ChannelHandlerContext) {
        if !isReplaying, !waiting.isEmpty { return waiting.append(event) }
        switch (phase, event) {
        case (.lingering, .part(let part)): drop(part, context)
        case (.lingering, .malformed): close(context)
        case (.idle, .part(.head(let head))): begin(head, context)
        case (.idle, .part): break
        case (.idle, .malformed(let error)):
            // The client went away between two requests.
            if error == .invalidEOFState {
                close(context)
            } else {
                refuse(MessageRules.refusal(error), context)
            }
        case (.exchange(let exchange), _) where exchange.hasRequestEnded:
            if !exchange.isLast { waiting.append(event) }
        case (.exchange(let exchange), .part(let part)): proceed(exchange, part, context)
        case (.exchange(var exchange), .malformed(let error)):
            exchange.isLast = true
            exchange.hasRequestEnded = true
            phase = .exchange(exchange)
            if exchange.hasResponseEnded { finish(exchange, context) } else { context.fireErrorCaught(error) }
        }
    }

    private func begin(_ received: HTTPRequestHead, _ context: ChannelHandlerContext) {
        var head: HTTPRequestHead
        do throws(MessageRules.Refusal) {
            head = try MessageRules.checked(received)
        } catch {
            return refuse(error, to: received, context)
        }
        connection.wait = nil
        timer?.cancel()
        timer = nil
        phase = .exchange(Exchange(head))
        // They are about this connection, which is none of a route's business; offers to upgrade that are not
        // taken are ignored.
        for name in Self.connectionFields
        where head.headers.contains(where: { $0.name.utf8.count == name.utf8.count }) {
            head.headers.remove(name: name)
        }
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    private func proceed(
        _ exchange: Exchange, _ part: HTTPServerRequestPart, _ context: ChannelHandlerContext
    ) {
        var exchange = exchange
        connection.wait = nil
        switch part {
        case .head: break
        case .body(let bytes):
            exchange.received += bytes.readableBytes
            exchange.expectsContinue = false
            phase = .exchange(exchange)
            if exchange.hasResponseEnded { return }
        case .end:
            exchange.hasRequestEnded = true
            exchange.expectsContinue = false
            phase = .exchange(exchange)
            timer?.cancel()
            timer = nil
            if exchange.offersUpgrade { decoders.renew(context) }
        }
        context.fireChannelRead(wrapInboundOut(part))
        if exchange.hasRequestEnded, exchange.hasResponseEnded { finish(exchange, context) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // Most bodies come with their head, and need no clock.
        if case .exchange(let exchange) = phase, !exchange.hasRequestEnded, timer == nil,
            let limit = timeouts.body
        {
            timer = schedule(context, in: limit) { $0.endBody(.late, $1) }
        }
        context.fireChannelReadComplete()
    }

    /// No more is read while requests wait.
    func read(context: ChannelHandlerContext) {
        guard waiting.isEmpty else {
            isReadDelayed = true
            return
        }
        // Only now is it the client that the body waits for.
        if case .exchange(let exchange) = phase, !exchange.hasRequestEnded, connection.wait == nil {
            connection.wait = .body(since: Self.now)
        }
        context.read()
    }

    private func endBody(_ reason: BodyTimeout, _ context: ChannelHandlerContext) {
        guard case .exchange(var exchange) = phase, !exchange.hasRequestEnded else { return }
        connection.wait = nil
        timer?.cancel()
        timer = nil
        exchange.isLast = true
        exchange.hasRequestEnded = true
        phase = .exchange(exchange)
        if exchange.hasResponseEnded {
            finish(exchange, context)
        } else {
            context.fireErrorCaught(reason)
        }
    }

    /// Ends a body that has stopped arriving: others wait for the connection's place.
    private func giveUpBody(_ context: ChannelHandlerContext) {
        isPlaceWanted = true
        endBody(.givenUp, context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            isDraining = true
            if case .idle = phase { linger(context) }
        case ChannelEvent.inputClosed:
            isInputClosed = true
            switch phase {
            case .exchange: timer = timer ?? schedule(context, in: timeouts.probe) { $0.probe($1) }
            case .idle, .lingering: close(context)
            }
            context.fireUserInboundEventTriggered(event)
        case is BodyGivenUp: giveUpBody(context)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    /// A client that closed its sending side may wait for its answer, or be gone: only sending something
    /// tells. HTTP/1.1 allows interim answers before the answer (RFC 9110, 15.2), which clients that read
    /// skip.
    private func probe(_ context: ChannelHandlerContext) {
        guard case .exchange(let exchange) = phase, exchange.version.minor > 0, !exchange.hasResponseStarted
        else { return }
        context.writeAndFlush(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .processing))), promise: nil)
    }

    // MARK: Answers

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .exchange(var exchange) = phase else {
            promise?.succeed()
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var head):
            if head.status.code < 200 { return context.write(data, promise: promise) }
            exchange.answer(&head, isLast: isDraining || isInputClosed, shortRest: Self.shortRest)
            phase = .exchange(exchange)
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body where !exchange.hasContent: promise?.succeed()
        case .body: context.write(data, promise: promise)
        case .end(let trailers):
            exchange.hasResponseEnded = true
            phase = .exchange(exchange)
            context.writeAndFlush(
                wrapOutboundOut(.end(exchange.hasContent ? trailers : nil)), promise: promise)
            if exchange.isLast || exchange.hasRequestEnded { finish(exchange, context) }
        }
    }

    func triggerUserOutboundEvent(
        context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
    ) {
        guard event is BodyWanted else { return context.triggerUserOutboundEvent(event, promise: promise) }
        if case .exchange(var exchange) = phase, exchange.expectsContinue, !exchange.hasResponseStarted {
            exchange.expectsContinue = false
            phase = .exchange(exchange)
            context.writeAndFlush(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
        }
        promise?.succeed()
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        // Whoever has written the last answer closes its side: this handler decides when.
        guard mode == .output else { return context.close(mode: mode, promise: promise) }
        promise?.succeed()
        isDraining = true
        switch phase {
        case .idle: linger(context)
        case .exchange(let exchange): if exchange.hasResponseEnded { finish(exchange, context) }
        case .lingering: break
        }
    }

    /// An answer to what never becomes a request.
    private func refuse(
        _ refusal: MessageRules.Refusal, to head: HTTPRequestHead? = nil, _ context: ChannelHandlerContext
    ) {
        var body = context.channel.allocator.buffer(string: refusal.reason + "\n")
        if head?.method == .HEAD { body.clear() }
        let fields: HTTPHeaders = [
            "date": WallClock.httpDate(), "content-type": "text/plain; charset=utf-8",
            "content-length": "\(refusal.reason.utf8.count + 1)",
            "connection": "close",
        ]
        let status = HTTPResponseStatus(statusCode: refusal.status)
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: fields))),
            promise: nil)
        if body.readableBytes > 0 { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        linger(context)
    }

    // MARK: The end of an exchange

    private func finish(_ exchange: Exchange, _ context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        if exchange.isLast || isDraining || isInputClosed && waiting.isEmpty { return linger(context) }
        becomeIdle(context)
        replay(context)
    }

    private func becomeIdle(_ context: ChannelHandlerContext) {
        phase = .idle
        connection.wait = .request(since: Self.now)
        if timer == nil, let limit = timeouts.idle { timer = schedule(context, in: limit) { $0.idled($1) } }
    }

    private func idled(_ context: ChannelHandlerContext) {
        if case .idle = phase { close(context) }
    }

    /// Goes on with what came meanwhile.
    private func replay(_ context: ChannelHandlerContext) {
        guard !isReplaying, !waiting.isEmpty else { return }
        isReplaying = true
        while let event = waiting.first {
            if case .exchange(let exchange) = phase, exchange.hasRequestEnded { break }
            waiting.removeFirst()
            take(event, context)
        }
        isReplaying = false
        channelReadComplete(context: context)
        if isReadDelayed, waiting.isEmpty {
            isReadDelayed = false
            read(context: context)
        }
    }

    /// Closes this side, and the other when the client has, or after a while: a client that still sends would
    /// lose the answer if the connection were closed at once (RFC 9112, 9.6).
    private func linger(_ context: ChannelHandlerContext) {
        if case .lingering = phase { return }
        phase = .lingering
        connection.wait = nil
        waiting.removeAll()
        timer?.cancel()
        if isInputClosed { return close(context) }
        timer = schedule(context, in: timeouts.linger) { $0.close($1) }
        let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let closed = context.eventLoop.makePromise(of: Void.self)
        context.close(mode: .output, promise: closed)
        closed.futureResult.whenComplete { result in
            let (handler, context) = loopBound.value
            // A client that was silent before has nothing on the way.
            if handler.isPlaceWanted { return handler.close(context) }
            if case .failure = result { handler.close(context) }
        }
        // A route may have stopped reading.
        context.read()
    }

    private func drop(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        guard case .body(let bytes) = part else { return }
        lingered += bytes.readableBytes
        if lingered > Self.mostLingering { close(context) } else { context.read() }
    }

    private func close(_ context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        context.close(mode: .all, promise: nil)
    }

    private func schedule(
        _ context: ChannelHandlerContext, in amount: TimeAmount,
        _ act: @escaping (ExchangeHandler, ChannelHandlerContext) -> Void
    ) -> Scheduled<Void> {
        context.eventLoop.assumeIsolated().scheduleTask(in: amount) { [self] in
            timer = nil
            act(self, context)
        }
    }
}

#endif
