#if Server

import Hummingbird
import HummingbirdCore
import HummingbirdTesting
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import MartletServer

/// A connection to a server over which a test sends bytes, and what comes back.
final class RawClient: Sendable {
    private let collector: Collector
    private let channel: any Channel

    init(port: Int) async throws {
        let collector = Collector()
        self.collector = collector
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(collector)
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
    }

    var text: String { collector.state.withLock { $0.text } }
    /// Whether the server has closed its side.
    var isEnded: Bool { collector.state.withLock { $0.isEnded } }
    var responses: [RawResponse] { RawResponse.all(in: text) }

    func send(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)) }

    func send(bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }

    func closeSending() async throws { try await channel.close(mode: .output) }

    func close() { channel.close(promise: nil) }

    /// Waits until so many final answers are whole, or the server has closed.
    func answers(_ count: Int) async throws -> [RawResponse] {
        while !isEnded {
            let found = responses
            if found.count >= count, found[..<count].allSatisfy(\.isWhole) { return found }
            try await Task.sleep(for: .milliseconds(2))
        }
        return responses
    }

    func end() async throws {
        while !isEnded { try await Task.sleep(for: .milliseconds(2)) }
    }

    private final class Collector: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let state = Mutex((text: "", isEnded: false))

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let text = String(buffer: unwrapInboundIn(data))
            state.withLock { $0.text += text }
        }
        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case .inputClosed = event as? ChannelEvent { state.withLock { $0.isEnded = true } }
        }
        func channelInactive(context: ChannelHandlerContext) { state.withLock { $0.isEnded = true } }
        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            state.withLock { $0.isEnded = true }
        }
    }
}

/// A final answer as a test reads it: strictly, so that a body where none may be shows.
struct RawResponse {
    let status: Int
    let fields: [String: String]
    let body: String
    /// Whether its end is known and there, or only the connection's end is its own.
    let isWhole: Bool

    /// - Parameter text: All that came; answers to HEAD are told by their absent content, which is not part
    ///   of this.
    static func all(in text: String, heads: Set<Int> = []) -> [RawResponse] {
        var responses: [RawResponse] = []
        var rest = text[...]
        while let end = rest.firstRange(of: "\r\n\r\n") {
            let lines = rest[..<end.lowerBound].split(separator: "\r\n", omittingEmptySubsequences: false)
            rest = rest[end.upperBound...]
            let words = lines[0].split(separator: " ", maxSplits: 2)
            guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
                responses.append(RawResponse(status: -1, fields: [:], body: String(lines[0]), isWhole: true))
                return responses
            }
            if status < 200 { continue }
            var fields: [String: String] = [:]
            for line in lines.dropFirst() {
                let parts = line.split(separator: ":", maxSplits: 1)
                fields[parts[0].lowercased()] = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
            }
            if status == 204 || status == 304 || heads.contains(responses.count) {
                responses.append(RawResponse(status: status, fields: fields, body: "", isWhole: true))
            } else if let length = fields["content-length"].flatMap({ Int($0) }) {
                let body = rest.utf8.prefix(length)
                responses.append(
                    RawResponse(
                        status: status, fields: fields, body: String(body) ?? "",
                        isWhole: body.count == length))
                rest =
                    rest[
                        (rest.utf8.index(rest.startIndex, offsetBy: length, limitedBy: rest.endIndex)
                            ?? rest.endIndex)...]
            } else if fields["transfer-encoding"] == "chunked" {
                let end = rest.firstRange(of: "0\r\n\r\n")
                let body = rest[..<(end?.lowerBound ?? rest.endIndex)]
                responses.append(
                    RawResponse(status: status, fields: fields, body: String(body), isWhole: end != nil))
                rest = rest[(end?.upperBound ?? rest.endIndex)...]
            } else {
                responses.append(
                    RawResponse(status: status, fields: fields, body: String(rest), isWhole: false))
                return responses
            }
        }
        return responses
    }
}

extension StringProtocol {
    fileprivate func firstRange(of text: String) -> Range<Index>? {
        let bytes = Array(text.utf8)
        let all = utf8
        var start = all.startIndex
        while start < all.endIndex {
            if all[start...].starts(with: bytes) { return start..<all.index(start, offsetBy: bytes.count) }
            start = all.index(after: start)
        }
        return nil
    }
}

extension TestServer {
    /// The same on a port of its own.
    /// - Parameters:
    ///   - most: The most connections; nil: any number.
    ///   - now: The clock by which connections are given up.
    func live(
        body: TimeAmount? = nil, probe: TimeAmount = .seconds(1), most: Int? = nil,
        now: @escaping @Sendable () -> UInt64 = { NIODeadline.now().uptimeNanoseconds }
    ) -> Application<ServerResponder> {
        var timeouts = ExchangeHandler.Timeouts(core.configuration)
        timeouts.body = body
        timeouts.probe = probe
        let ready = timeouts
        let core = core
        return Application(
            responder: responder,
            server: HTTPServerBuilder { responder in
                HTTPServerChannel(
                    responder: responder, connections: core.connections, timeouts: ready,
                    mostBodyBytes: core.configuration.maxRequestBytes)
            },
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                guard let most else { return }
                try? await channel.eventLoop.submit {
                    try channel.pipeline.syncOperations.addHandler(
                        AcceptHandler(core.connections, limit: most, now: now), position: .first)
                }.get()
            }, logger: core.logger)
    }

    /// Runs the server on a port, and `body` with clients of it.
    func withPort<Result: Sendable>(
        body timeout: TimeAmount? = nil, probe: TimeAmount = .seconds(1),
        _ act: @escaping @Sendable (Int) async throws -> Result
    ) async throws -> Result {
        try await live(body: timeout, probe: probe).test(.live) { client in
            try await act(try #require(client.port))
        }
    }
}

#endif
