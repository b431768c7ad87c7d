import MartletJSON
import MartletSystem
import Synchronization

/// Sends requests to one server, again and again where an answer or the lack of one allows it.
package struct RetryingClient: Sendable {
    /// How messages call the server.
    package let name: String
    /// What no message shows: some servers repeat the key that they refuse.
    private let secret: String?
    private let transport: any HTTPTransport
    private let retries: RetryPause
    private let contact = Contact()

    /// Whether the server has answered, in this process.
    private final class Contact: Sendable { let isMade = Atomic(false) }

    package init(
        name: String, secret: String?, transport: any HTTPTransport, retries: RetryPause = RetryPause()
    ) {
        self.name = name
        self.secret = secret
        self.transport = transport
        self.retries = retries
    }

    /// What an answer is.
    package enum Reading<Value: Sendable>: Sendable {
        case value(Value)
        /// It cannot be used, and another attempt may give a better one.
        case again(String)
    }

    /// Why there is no value.
    package struct Failure: Error {
        /// In words, without the server's name and without secrets.
        package let reason: String
        /// The status of an answer that another attempt would not change; nil: all attempts failed.
        package let status: Int?

        package init(reason: String, status: Int?) {
            self.reason = reason
            self.status = status
        }
    }

    /// The first answer with a status of 200 to 299 that `read` accepts.
    /// - Parameters:
    ///   - accepted: Other statuses that `read` takes.
    ///   - beforeEach: Waits for the turn of an attempt, such as a rate limit.
    /// - Throws: ``Failure``, `CancellationError`, and what `beforeEach` throws.
    package func send<Value>(
        _ request: HTTPRequest, accepting accepted: Set<Int> = [],
        beforeEach: @Sendable () async throws -> Void = {}, read: (HTTPAnswer) -> Reading<Value>
    ) async throws -> Value {
        var failures = 0
        while true {
            try await beforeEach()
            let problem: String
            var asked: Duration?
            var attempts = retries.attempts
            do {
                let answer = try await transport.send(request)
                contact.isMade.store(true, ordering: .relaxed)
                if (200..<300).contains(answer.status) || accepted.contains(answer.status) {
                    switch read(answer) {
                    case .value(let value): return value
                    case .again(let reason): problem = reason
                    }
                } else {
                    let refusal = "answered \(answer.status): \(message(answer.body))"
                    guard RetryPause.isTransient(answer.status) else {
                        throw Failure(reason: refusal, status: answer.status)
                    }
                    (problem, asked) = (refusal, answer.retryAfter)
                }
            } catch let failure as TransportFailure {
                problem = failure.reason
                if failure.isUnreachable, !contact.isMade.load(ordering: .relaxed) {
                    attempts = min(attempts, retries.attemptsToReach)
                }
            }
            failures += 1
            let waitsTooLong = asked.map { $0 > retries.longestAsked } ?? false
            if failures >= attempts || waitsTooLong {
                let wait = asked.map { ", and asks to wait \($0.components.seconds) s" } ?? ""
                let count = "\(failures) \(failures == 1 ? "attempt" : "attempts") failed"
                throw Failure(reason: "\(hidingSecret(problem))\(wait); \(count)", status: nil)
            }
            try await retries.sleep(retries.delay(afterFailures: failures, asked: asked))
        }
    }

    /// What the server says, shortened and without the secret.
    private func message(_ body: [UInt8]) -> String {
        let value = try? JSONValue.parse(body)
        let error = value?["error"]
        let text =
            error?["message"]?.string ?? error?["reason"]?.string ?? error?[0]?["message"]?.string
            ?? value?["status"]?["error"]?.string ?? value?["message"]?.string ?? error?.string
            ?? value?["detail"]?.string ?? String(decoding: body.prefix(300), as: UTF8.self)
        return hidingSecret(text).quotedForMessage
    }

    package func hidingSecret(_ text: String) -> String {
        guard let secret, !secret.isEmpty else { return text }
        return text.replacing(each: secret, by: "…")
    }
}
