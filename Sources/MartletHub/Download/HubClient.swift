#if Hub

internal import AsyncHTTPClient
internal import MartletHTTP
internal import MartletJSON
internal import MartletSystem
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// Sends requests to the hub, follows its redirects, and gives the token to nobody else.
struct HubClient: Sendable {
    let http: HTTPClient
    let endpoint: HubURL
    let token: String?
    let timeouts: PullTimeouts

    struct Answer {
        let status: Int
        let headers: HTTPHeaders
        let body: HTTPClientResponse.Body
        let url: HubURL
    }

    private static let redirects: Set<Int> = [301, 302, 303, 307, 308]
    private static let redirectLimit = 10

    /// Runs `body` with a client, and closes all of its connections afterwards.
    static func with<Result: Sendable>(
        endpoint: HubURL, token: String?, proxy: HubURL?, authorities: String?, timeouts: PullTimeouts,
        _ body: (HubClient) async throws -> Result
    ) async throws -> Result {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .init(timeouts.connect), read: .init(timeouts.silence)))
        configuration.trust(authorities)
        configuration.proxy = proxy.map { .server(host: $0.host, port: $0.port) }
        // Several connections are faster than several streams of one.
        configuration.httpVersion = .http1Only
        // The pause between attempts is ours.
        configuration.connectionPool.retryConnectionEstablishment = false
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let result = try await body(
                HubClient(http: http, endpoint: endpoint, token: token, timeouts: timeouts))
            try? await http.shutdown()
            return result
        } catch {
            try? await http.shutdown()
            throw error
        }
    }

    /// Sends a request and follows redirects; `stop` can take the answer of a redirect as the last one.
    /// - Throws: `TransientFailure` for failures that may go away, ``HubError`` for others.
    func send(
        _ method: HTTPMethod, _ url: HubURL, headers: [(String, String)] = [],
        stop: (HTTPHeaders) -> Bool = { _ in false }
    ) async throws -> Answer {
        var url = url
        for _ in 0...Self.redirectLimit {
            var request = HTTPClientRequest(url: url.text)
            request.method = method
            request.headers.add(name: "User-Agent", value: "martlet")
            // A compressed answer has another length and cannot be resumed.
            request.headers.add(name: "Accept-Encoding", value: "identity")
            for (name, value) in headers { request.headers.add(name: name, value: value) }
            if let token, url.hasSameOrigin(as: endpoint) {
                request.headers.add(name: "Authorization", value: "Bearer \(token)")
            }
            let response: HTTPClientResponse
            do {
                response = try await http.execute(request, timeout: .init(timeouts.answer))
            } catch {
                throw try Self.failure(error, url)
            }
            let answer = Answer(
                status: Int(response.status.code), headers: response.headers, body: response.body, url: url)
            guard Self.redirects.contains(answer.status), !stop(response.headers) else { return answer }
            guard let location = response.headers.first(name: "Location"), let next = url.resolving(location)
            else {
                throw HubError(.invalidResponse, "\(url.origin): answered with a redirect that leads nowhere")
            }
            guard next.isSecure || !url.isSecure else {
                throw HubError(
                    .invalidResponse,
                    "\(url.origin): redirects from https to \(next.origin), which is not followed")
            }
            url = next
        }
        throw HubError(
            .invalidResponse, "\(endpoint.origin): more than \(Self.redirectLimit) redirects in a row")
    }

    /// The whole body of an answer.
    func bytes(_ answer: Answer, limit: Int) async throws -> [UInt8] {
        var pace = TransferPace(timeouts)
        var bytes: [UInt8] = []
        do {
            for try await buffer in answer.body {
                guard buffer.readableBytes <= limit - bytes.count else {
                    throw HubError(
                        .invalidResponse,
                        "\(answer.url.origin): an answer of more than \(limit) bytes where a list was expected"
                    )
                }
                bytes += buffer.readableBytesView
                try pace.add(buffer.readableBytes, from: answer.url)
            }
            return bytes
        } catch let error as HubError {
            throw error
        } catch let failure as TransientFailure {
            throw failure
        } catch {
            throw try Self.failure(error, answer.url)
        }
    }

    /// What a failed exchange is for us: cancellation stays what it is, and all but a certificate that is not
    /// accepted may go away.
    static func failure(_ error: any Error, _ url: HubURL) throws -> TransientFailure {
        let failure = try ConnectionFailure(error)
        if failure.isFinal { throw HubError(.network, "\(url.origin): \(failure.reason)") }
        return TransientFailure(
            message: "\(url.origin): \(failure.reason)", isUnreachable: failure.isUnreachable)
    }
}

extension TimeAmount {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}

#endif
