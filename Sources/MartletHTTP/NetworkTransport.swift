#if Hub

internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1

/// Requests over the network, with TLS where the address says https. Redirects are not followed: a key goes
/// only to the address that was named.
package final class NetworkTransport: HTTPTransport {
    private let http: HTTPClient
    private let limit: TimeAmount
    private static let largestAnswer = 256 << 20

    /// - Parameter deadline: From a request to the end of its answer.
    package init(deadline: Duration = .seconds(120)) {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(10), read: .seconds(60)))
        configuration.trust(Authorities.file)
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 256
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let (seconds, attoseconds) = deadline.components
        limit = .seconds(seconds) + .nanoseconds(attoseconds / 1_000_000_000)
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
        let deadline = NIODeadline.now() + limit
        do {
            let response = try await http.execute(sent, deadline: deadline)
            let wait = RetryAfter.delay(response.headers)
            var body: [UInt8] = []
            for try await part in response.body {
                // The client's own deadline is that of the head: a body that trickles in is never silent.
                guard NIODeadline.now() < deadline else { throw HTTPClientError.deadlineExceeded }
                guard part.readableBytes <= Self.largestAnswer - body.count else {
                    throw NIOTooManyBytesError(maxBytes: Self.largestAnswer)
                }
                body += part.readableBytesView
            }
            return HTTPAnswer(status: Int(response.status.code), retryAfter: wait, body: body)
        } catch {
            let failure = try ConnectionFailure(error)
            throw TransportFailure(failure.reason, isUnreachable: failure.isUnreachable)
        }
    }
}

#endif
