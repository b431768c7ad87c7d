#if Server

internal import NIOCore
internal import NIOHTTPTypes
import Synchronization

/// Whether the client of a connection is still there, and what it does.
final class Connection: Sendable {
    /// What a connection waits for from its client, and since when: nanoseconds of the loops' clock.
    enum Wait: Sendable, Equatable {
        /// The first request, whose head may be on its way.
        case first(since: UInt64)
        /// The next request.
        case request(since: UInt64)
        /// The next byte of a request's body.
        case body(since: UInt64)
    }

    private struct State {
        var isClosed = false
        var wait: Wait?
        /// Whether it ends to make room.
        var isEnding = false
        var next = 0
        var handlers: [Int: @Sendable () -> Void] = [:]
    }
    private let state = Mutex(State())
    private let channel: any Channel

    init(_ channel: any Channel) { self.channel = channel }

    /// Nil while nothing is waited for from the client.
    var wait: Wait? {
        get { state.withLock { $0.wait } }
        set { state.withLock { $0.wait = newValue } }
    }

    /// Tells a client that asked first to send its body.
    func wantBody() { channel.triggerUserOutboundEvent(BodyWanted(), promise: nil) }

    var isEnding: Bool { state.withLock { $0.isEnding } }

    /// Ends it for others' sake, if it still waits for the same as when it was chosen.
    func end(if chosen: Wait) {
        state.withLock { $0.isEnding = true }
        channel.eventLoop.execute { [self] in
            switch (chosen, wait) {
            case (.first, .first), (.request, .request): channel.close(mode: .all, promise: nil)
            case (.body(let lastByteThen), .body(let lastByteNow)) where lastByteThen == lastByteNow:
                channel.pipeline.fireUserInboundEventTriggered(BodyGivenUp())
            default: state.withLock { $0.isEnding = false }
            }
        }
    }

    func closeNow() { channel.close(mode: .all, promise: nil) }

    /// A handler that can be taken back.
    struct Watch {
        fileprivate let connection: Connection
        fileprivate let number: Int

        func cancel() { connection.state.withLock { _ = $0.handlers.removeValue(forKey: number) } }
    }

    /// Calls `handler` once the client is gone, at once if it is.
    func onClose(_ handler: @escaping @Sendable () -> Void) -> Watch {
        let number: Int? = state.withLock { state in
            if state.isClosed { return nil }
            state.next += 1
            state.handlers[state.next] = handler
            return state.next
        }
        guard let number else {
            handler()
            return Watch(connection: self, number: 0)
        }
        return Watch(connection: self, number: number)
    }

    func close() {
        let handlers = state.withLock { state in
            state.isClosed = true
            defer { state.handlers = [:] }
            return Array(state.handlers.values)
        }
        for handler in handlers { handler() }
    }
}

/// The open connections, by their channels.
final class Connections: Sendable {
    private let open = Mutex([ObjectIdentifier: Connection]())

    subscript(channel: any Channel) -> Connection? { open.withLock { $0[ObjectIdentifier(channel)] } }

    var count: Int { open.withLock { $0.count } }

    func add(_ channel: any Channel) -> Connection {
        let connection = Connection(channel)
        open.withLock { $0[ObjectIdentifier(channel)] = connection }
        return connection
    }

    func remove(_ channel: any Channel) {
        open.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(channel)) }
    }

    /// Ends connections to make room for new ones: see ``Shedding``.
    /// - Parameter limit: The most that may be open. Those that are ending already make room soon.
    func makeRoom(_ shedding: Shedding, limit: Int, now: UInt64) {
        let waiting = open.withLock { open -> [(Connection, Connection.Wait)] in
            let ending = open.values.count { $0.isEnding }
            guard ending == 0 || open.count - ending >= limit else { return [] }
            return open.values.compactMap { connection in
                connection.isEnding ? nil : connection.wait.map { (connection, $0) }
            }
        }
        for index in shedding.chosen(of: waiting.map(\.1), now: now) {
            let (connection, wait) = waiting[index]
            connection.end(if: wait)
        }
    }

    func closeAll() {
        let all = open.withLock { Array($0.values) }
        for connection in all { connection.closeNow() }
    }
}

/// Sees the client go away, and closes a connection whose client does not read.
final class ConnectionHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart

    private let connections: Connections
    private let connection: Connection
    /// How long a client may read nothing of what is sent to it.
    private let stallTimeout: TimeAmount?
    private var stall: Scheduled<Void>?

    init(_ connection: Connection, _ connections: Connections, stallTimeout: TimeAmount? = nil) {
        self.connection = connection
        self.connections = connections
        self.stallTimeout = stallTimeout
    }

    func handlerRemoved(context: ChannelHandlerContext) { end(context) }

    func channelInactive(context: ChannelHandlerContext) {
        end(context)
        context.fireChannelInactive()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stall?.cancel()
        stall = nil
        if !context.channel.isWritable, let stallTimeout {
            let channel = context.channel
            stall = context.eventLoop.scheduleTask(in: stallTimeout) {
                channel.close(mode: .all, promise: nil)
            }
        }
        context.fireChannelWritabilityChanged()
    }

    private func end(_ context: ChannelHandlerContext) {
        stall?.cancel()
        stall = nil
        connection.close()
        connections.remove(context.channel)
    }
}

#endif
