internal import MartletSystem

/// When a request is sent again: after a broken connection, and after answers that say to come back.
struct RetryPolicy: Sendable {
    /// Failures in a row after which it gives up. In the download of a file, progress begins a new row
    /// (``FailureRow``); in other requests every failure counts.
    var attempts = 6
    /// The same for failures to connect to the server, if it is fewer; nil: `attempts`.
    var attemptsToReach: Int?
    /// A failure to connect after this time is the last, however few attempts were made: where packets get
    /// lost, each attempt takes as long as ``PullTimeouts/connect``. nil: the time does not matter.
    var longestToReach: Duration?
    var firstDelay: Duration = .seconds(1)
    var longestDelay: Duration = .seconds(30)
    /// A server that asks for a longer pause is not waited for.
    var longestServerDelay: Duration = .seconds(300)
    /// Between looks at a lock that another process holds.
    var lockPause: Duration = .milliseconds(500)
    var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    var clock = MonotonicClock.system
    /// 0 to 1: spreads the requests of many clients that failed together.
    var jitter: @Sendable () -> Double = { Double.random(in: 0...1) }

    /// The pause after the given number of failures in a row, from 1: doubled each time, of which up to a
    /// quarter is taken off at random; or what the server asks for.
    func delay(afterFailures failures: Int, serverDelay: Duration?) -> Duration {
        if let serverDelay { return serverDelay }
        var delay = firstDelay
        for _ in 1..<max(failures, 1) where delay < longestDelay { delay *= 2 }
        return min(delay, longestDelay) * (1 - 0.25 * jitter())
    }
}

/// A failure that may go away by itself.
struct TransientFailure: Error {
    let message: String
    /// What the server asks to wait.
    var serverDelay: Duration?
    /// No connection was made.
    var isUnreachable = false
    /// The connection was given up because too few bytes came.
    var isTooSlow = false
    /// Before, bytes of the same answer came fast enough for a while.
    var wasFastBefore = false
}
