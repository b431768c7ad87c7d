#if Hub

import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A server of the tests on a port of its own, which answers as it is told, also badly.
final class HTTPServer: Sendable {
    struct Request: Sendable {
        let method: HTTPMethod
        /// As it came, percent-encoded.
        let path: String
        let headers: HTTPHeaders
        /// How many requests with this method and path came before it.
        let earlier: Int

        var range: String? { headers.first(name: "Range") }
        var token: String? { headers.first(name: "Authorization") }
    }

    enum Answer: Sendable {
        case whole(Int, [(String, String)], [UInt8])
        /// The head with its length, a part of the body, and the end of the connection.
        case cut(Int, [(String, String)], [UInt8], sent: Int)
        /// The head with its length and a part of the body, and then nothing.
        case stalled(Int, [(String, String)], [UInt8], sent: Int)
        /// The head with its length, and then a byte every few milliseconds.
        case trickled(Int, [(String, String)], [UInt8])
        /// Nothing at all.
        case silence
    }

    private struct State {
        var requests: [Request] = []
        var connections = 0
    }

    private let state = Mutex(State())
    private let channel: any Channel

    var port: Int { channel.localAddress?.port ?? 0 }
    var address: String { "http://127.0.0.1:\(port)" }
    var requests: [Request] { state.withLock { $0.requests } }
    var connections: Int { state.withLock { $0.connections } }

    func requests(_ method: HTTPMethod, _ end: String) -> [Request] {
        requests.filter { $0.method == method && $0.path.hasSuffix(end) }
    }

    init(_ answer: @escaping @Sendable (Request) -> Answer) async throws {
        let shared = Shared()
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                shared.server?.count()
                return channel.pipeline.configureHTTPServerPipeline().flatMap {
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            Handler { head in
                                shared.server.map { answer($0.record(head)) } ?? .silence
                            })
                    }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        shared.server = self
    }

    func stop() async throws { try await channel.close() }

    private func count() { state.withLock { $0.connections += 1 } }

    private func record(_ head: HTTPRequestHead) -> Request {
        state.withLock { state in
            let earlier = state.requests.count { $0.method == head.method && $0.path == head.uri }
            let request = Request(
                method: head.method, path: head.uri, headers: head.headers, earlier: earlier)
            state.requests.append(request)
            return request
        }
    }
}

/// The server for its channels: they begin before it is whole.
private final class Shared: Sendable {
    private struct Weak { weak var server: HTTPServer? }
    private let box = Mutex(Weak())

    var server: HTTPServer? {
        get { box.withLock { $0.server } }
        set { box.withLock { $0.server = newValue } }
    }
}

private final class Handler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: (HTTPRequestHead) -> HTTPServer.Answer
    private var head: HTTPRequestHead?

    init(_ answer: @escaping (HTTPRequestHead) -> HTTPServer.Answer) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            guard let head else { return }
            switch answer(head) {
            case .whole(let status, let headers, let body):
                write(context, head, status, headers, body, sent: body.count)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            case .cut(let status, let headers, let body, let sent):
                write(context, head, status, headers, body, sent: sent)
                context.flush()
                context.close(promise: nil)
            case .stalled(let status, let headers, let body, let sent):
                write(context, head, status, headers, body, sent: sent)
                context.flush()
            case .trickled(let status, let headers, let body):
                write(context, head, status, headers, body, sent: 0)
                trickle(body[...], NIOLoopBound(context, eventLoop: context.eventLoop))
            case .silence: break
            }
        }
    }

    private func trickle(_ body: ArraySlice<UInt8>, _ context: NIOLoopBound<ChannelHandlerContext>) {
        guard let byte = body.first, context.value.channel.isActive else { return }
        let part = HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: [byte])))
        context.value.writeAndFlush(wrapOutboundOut(part), promise: nil)
        let handler = NIOLoopBound(self, eventLoop: context.value.eventLoop)
        context.value.eventLoop.scheduleTask(in: .milliseconds(5)) {
            handler.value.trickle(body.dropFirst(), context)
        }
    }

    private func write(
        _ context: ChannelHandlerContext, _ request: HTTPRequestHead, _ status: Int,
        _ headers: [(String, String)], _ body: [UInt8],
        sent: Int
    ) {
        var all = HTTPHeaders(headers)
        if !all.contains(name: "Content-Length") { all.add(name: "Content-Length", value: "\(body.count)") }
        context.write(
            wrapOutboundOut(
                .head(HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: all))),
            promise: nil)
        guard request.method != .HEAD, sent > 0 else { return }
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body[..<sent])))), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

#endif
