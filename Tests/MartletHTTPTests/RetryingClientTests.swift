import Synchronization
import Testing

@testable import MartletHTTP

/// How often a server is asked that does not answer.
@Suite struct RetryingClientTests {
    /// Answers as often as it is told to, then cannot be reached.
    private final class Transport: HTTPTransport {
        let sent = Atomic(0)
        let answers: Int
        let isUnreachable: Bool

        init(answers: Int, isUnreachable: Bool) {
            self.answers = answers
            self.isUnreachable = isUnreachable
        }

        func send(_ request: HTTPRequest) async throws -> HTTPAnswer {
            let number = sent.wrappingAdd(1, ordering: .relaxed).newValue
            if number <= answers { return HTTPAnswer(status: 200) }
            throw TransportFailure("Connection refused", isUnreachable: isUnreachable)
        }
    }

    /// A wrong address ends soon; a server that has answered before is waited for.
    @Test(arguments: [(0, true, 3), (0, false, 8), (1, true, 8)])
    func attempts(_ answers: Int, _ isUnreachable: Bool, _ expected: Int) async throws {
        var retries = RetryPause()
        retries.sleep = { _ in }
        let transport = Transport(answers: answers, isUnreachable: isUnreachable)
        let client = RetryingClient(name: "a server", secret: nil, transport: transport, retries: retries)
        let request = HTTPRequest(url: "http://localhost:1")
        for _ in 0..<answers { try await client.send(request) { _ in .value(()) } }
        let failure = await #expect(throws: RetryingClient.Failure.self) {
            try await client.send(request) { _ in .value(()) }
        }
        #expect(transport.sent.load(ordering: .relaxed) - answers == expected)
        #expect(failure?.reason == "Connection refused; \(expected) attempts failed")
    }

    /// `Retry-After: 0` would spend all attempts in a moment.
    @Test func `a server is not asked again without a pause`() {
        var retries = RetryPause()
        retries.jitter = { 0 }
        #expect(retries.delay(afterFailures: 2, asked: nil) == .seconds(2))
        #expect(retries.delay(afterFailures: 2, asked: .zero) == .seconds(2))
        #expect(retries.delay(afterFailures: 2, asked: .seconds(7)) == .seconds(7))
    }

    #if Hub
    @Test func `a key that no header can have is not shown`() async {
        let request = HTTPRequest(url: "http://127.0.0.1:9", headers: [("Authorization", "Bearer s3cret\n")])
        let failure = await #expect(throws: TransportFailure.self) {
            _ = try await NetworkTransport().send(request)
        }
        #expect(failure?.reason == "Invalid header field values")
    }
    #endif
}
