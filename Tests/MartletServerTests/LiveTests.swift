#if Server

import MartletSystem
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTesting
import Logging
import MartletJSON
import MartletMiniLM
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization
import MartletTestSupport
import Testing

@testable import Martlet
@testable import MartletServer

/// What takes a real connection.
@Suite struct LiveTests {
    @Test func answersOverTheNetworkOnOneConnection() async throws {
        var configuration = ServerConfiguration()
        configuration.models = [ModelEntry(name: "m", source: .miniLM)]
        configuration.compute = ModelConfiguration(threads: 1, precision: .f32)
        configuration.port = 0
        configuration.logLevel = "critical"
        let server = try EmbeddingServer(configuration)
        let vector = try expected(["a cat"])[0]
        try await server.application().test(.live) { client in
            for _ in 0..<3 {
                let body = ByteBuffer(string: #"{"input":"a cat"}"#)
                let answer = try await client.execute(uri: "/v1/embeddings", method: .post, body: body)
                let json = try JSONValue.parse(Array(buffer: answer.body))
                #expect(json["data"]?[0]?["embedding"]?.floats == vector)
            }
            #expect(server.core.connections.count == 1)
            let large = try await client.execute(
                uri: "/embed", method: .post, body: ByteBuffer(repeating: 0x20, count: 17 << 20))
            #expect(large.status == .contentTooLarge)
        }
    }

    /// Threads that have ended never run a text: only going away can end the request.
    @Test func aClientThatGoesAwayLeavesTheQueue() async throws {
        let server = try TestServer { $0.compute.threads = 1 }
        try await server.core.store.load(nil)
        server.core.stop()
        server.core.queue.monitor.withLock { $0.isClosed = false }
        let application = server.live(probe: .milliseconds(1))
        try await application.test(.live) { client in
            let port = try #require(client.port)
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(
                host: "127.0.0.1", port: port
            )
            .get()
            let body = #"{"inputs":["a","b","c"]}"#
            let request =
                "POST /embed HTTP/1.1\r\nhost: a\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"
            try await channel.writeAndFlush(ByteBuffer(string: request))
            while server.core.queue.depth.waitingTexts != 3 { await Task.yield() }
            try await channel.close()
            while server.core.queue.depth.waitingTexts != 0 { await Task.yield() }
            while server.core.openRequests.load(ordering: .relaxed) != 0 { await Task.yield() }
        }
        #expect(
            server.metric("martlet_cancelled_requests_total") == 1
                && server.metric("martlet_texts_total") == 0)
        #expect(server.metric(#"te_request_failure{err="dropped"}"#) == 1)
    }

    /// What a client sends over a socket, and whether it goes on to wait for the answer.
    private func exchange(_ sent: String, with server: TestServer, isAborted: Bool) async throws -> String {
        let application = server.live(probe: .milliseconds(1))
        return try await application.test(.live) { client in
            let port = try #require(client.port)
            let answer = Answer()
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelInitializer { $0.pipeline.addHandler(answer) }.connect(host: "127.0.0.1", port: port)
                .get()
            try await channel.writeAndFlush(ByteBuffer(string: sent))
            if isAborted {
                while server.core.openRequests.load(ordering: .relaxed) == 0 { await Task.yield() }
                try await channel.close()
                while server.core.openRequests.load(ordering: .relaxed) != 0 { await Task.yield() }
            } else {
                while !answer.text.withLock({ $0.contains("\r\n\r\n") }) { await Task.yield() }
                try? await channel.close()
            }
            return answer.text.withLock { $0 }
        }
    }

    private final class Answer: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let text = Mutex("")

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let buffer = unwrapInboundIn(data)
            text.withLock { $0 += String(buffer: buffer) }
        }
    }

    /// Neither is an error of the server.
    @Test func aBodyThatDoesNotComeIsTheClients() async throws {
        let log = ErrorLog()
        let gone = try TestServer(log: log)
        _ = try await exchange(
            "POST /embed HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{", with: gone, isAborted: true)
        #expect(gone.metric(#"martlet_http_requests_total{route="/embed",status="499"}"#) == 1)
        #expect(gone.metric("martlet_cancelled_requests_total") == 1)
        let malformed = try TestServer(log: log)
        let answer = try await exchange(
            "POST /embed HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{", with: malformed,
            isAborted: false)
        #expect(answer.hasPrefix("HTTP/1.1 400"), "\(answer)")
        #expect(log.errors.withLock { $0 }.isEmpty)
    }

    private final class ErrorLog: LogHandler {
        let errors = Mutex([String]())
        var logLevel: Logger.Level {
            get { .info }
            set {}
        }
        var metadata: Logger.Metadata {
            get { [:] }
            set {}
        }
        subscript(metadataKey key: String) -> Logger.MetadataValue? {
            get { nil }
            set {}
        }
        func log(event: LogEvent) {
            if event.level >= .error { errors.withLock { $0.append("\(event.message)") } }
        }
    }

    private final class Counted: Sendable { let count = Atomic<Int>(0) }

    /// A client that takes nothing of its answer is closed, and the answer's memory is free again.
    @Test func aClientThatDoesNotReadIsClosed() async throws {
        let connections = Connections()
        let held = HeldTotal()
        let requests = Counted()
        let size = 64 << 20
        let timeouts = ExchangeHandler.Timeouts(stall: .milliseconds(1))
        let http = HTTPServerBuilder { responder in
            HTTPServerChannel(
                responder: responder, connections: connections, timeouts: timeouts, mostBodyBytes: 0)
        }
        let responder = CallbackResponder<BasicRequestContext> { _, _ in
            var reply = Reply(json: [UInt8](repeating: 0x20, count: size))
            reply.held = HeldBytes(size, of: held, limit: size)
            requests.count.wrappingAdd(reply.held == nil ? 0 : 1, ordering: .relaxed)
            return reply.response()
        }
        let application = Application(
            responder: responder, server: http, configuration: .init(address: .hostname("127.0.0.1", port: 0))
        )
        try await application.test(.live) { client in
            let port = try #require(client.port)
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelOption(.autoRead, value: false).connect(host: "127.0.0.1", port: port).get()
            try await channel.writeAndFlush(ByteBuffer(string: "GET / HTTP/1.1\r\nhost: a\r\n\r\n"))
            while requests.count.load(ordering: .relaxed) == 0 { await Task.yield() }
            // The other one is the test's own client.
            while connections.count > 1 || held.bytes.load(ordering: .relaxed) != 0 { await Task.yield() }
            channel.close(promise: nil)
        }
    }

    /// A server that is told to stop answers what it has taken, and takes nothing more.
    @Test func stoppingFinishesWhatHasBegun() async throws {
        let server = try TestServer { $0.compute.threads = 1 }
        try await server.core.store.load(nil)
        let queue = server.core.queue
        // The one thread is held in a pass until the server is stopping, so the request's text waits behind
        // it.
        let gate = Gate()
        let first = try queue.submit([text(1)], to: HeldModel(gate), FakeModel.reading)
        while queue.depth.runningTexts != 1 { await Task.yield() }
        async let answer = server.post("/embed", #"{"inputs":["a cat"]}"#)
        while queue.depth.waitingTexts != 1 { await Task.yield() }
        queue.close()
        #expect(server.metric("martlet_texts_total") == 0 && queue.depth.waitingTexts == 1)
        gate.open()
        #expect(try await answer.status == 200)
        #expect(try await first.value().rows == [[1]])
        server.core.stop()
        let late = try await server.post("/embed", #"{"inputs":["a dog"]}"#)
        #expect(late.status == 503 && late["error_type"]?.string == "Unhealthy")
    }
}

#endif
