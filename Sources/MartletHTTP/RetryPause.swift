/// When a request is sent again: after answers that say so, and after broken connections.
package struct RetryPause: Sendable {
    package var attempts = 8
    /// Attempts to reach a server that has not answered yet: its address is probably wrong.
    package var attemptsToReach = 3
    package var first: Duration = .seconds(1)
    package var longest: Duration = .seconds(60)
    /// A server that asks for a longer pause is not waited for.
    package var longestAsked: Duration = .seconds(600)
    package var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    /// 0 to 1: spreads requests that failed together.
    package var jitter: @Sendable () -> Double = { Double.random(in: 0...1) }

    package init() {}

    package static func isTransient(_ status: Int) -> Bool {
        status == 408 || status == 409 || status == 429 || status >= 500
    }

    /// What the server asks for, else, and where it asks for none, a pause that doubles with each failure, of
    /// which up to a half is taken off at random.
    package func delay(afterFailures failures: Int, asked: Duration?) -> Duration {
        if let asked, asked > .zero { return asked }
        var delay = first
        for _ in 1..<max(1, failures) where delay < longest { delay *= 2 }
        return min(delay, longest) * (1 - 0.5 * jitter())
    }
}
