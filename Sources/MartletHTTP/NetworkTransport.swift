#if Hub

internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1

/// Requests over the network, with TLS where the address says https. Redirects are not followed: a key goes
/// only to the address that was named.
package final class NetworkTransport: HTTPTransport {
    private let http: HTTPClient
    private let deadline: TimeAmount
    private static let largestAnswer = 256 << 20

    /// - Parameter deadline: From a request to the end of its answer.
    package init(deadline: Duration = .seconds(120)) {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(10), read: .seconds(60)))
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 256
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        self.deadline = .seconds(deadline.components.seconds)
    }

    deinit { try? http.syncShutdown() }

    package func send(_ request: HTTPRequest) async throws -> HTTPAnswer {
        var sent = HTTPClientRequest(url: request.url)
        sent.method = HTTPMethod(rawValue: request.method)
        sent.headers.add(name: "User-Agent", value: "martlet")
        if !request.body.isEmpty {
            if !request.headers.contains(where: { $0.name == "Content-Type" }) {
                sent.headers.add(name: "Content-Type", value: "application/json")
            }
            sent.body = .bytes(ByteBuffer(bytes: request.body))
        }
        for (name, value) in request.headers { sent.headers.add(name: name, value: value) }
        do {
            let response = try await http.execute(sent, deadline: .now() + deadline)
            let wait = response.headers.first(name: "Retry-After").flatMap { Double($0) }.flatMap { seconds in
                seconds >= 0 && seconds < 1e6 ? Duration.seconds(seconds) : nil
            }
            let buffer = try await response.body.collect(upTo: Self.largestAnswer)
            return HTTPAnswer(
                status: Int(response.status.code), retryAfter: wait, body: Array(buffer.readableBytesView))
        } catch {
            let failure = try ConnectionFailure(error)
            throw TransportFailure(failure.reason, isUnreachable: failure.isUnreachable)
        }
    }
}

#endif
