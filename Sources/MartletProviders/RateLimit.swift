/// A token bucket: so many requests in a time, spread evenly, and never more in any window of it.
package actor RateLimit {
    /// Networks delay some requests less than those before them; without it a server would count one too many
    /// now and then.
    private static let margin = 1.02

    private let interval: Duration
    private let now: @Sendable () -> Duration
    private let sleep: @Sendable (Duration) async throws -> Void
    private var next: Duration

    /// - Parameters:
    ///   - requests: At least 1.
    ///   - period: The time in which they may go out.
    ///   - now: A clock that never goes back.
    package init(
        requests: Int, per period: Duration, now: @escaping @Sendable () -> Duration = RateLimit.clock,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        interval = period / max(1, requests) * Self.margin
        self.now = now
        self.sleep = sleep
        next = now()
    }

    private static let start = ContinuousClock.now
    package static let clock: @Sendable () -> Duration = { ContinuousClock.now - start }

    /// Returns when the next request may go out.
    package func wait() async throws {
        let time = now()
        let mine = max(time, next)
        next = mine + interval
        if mine > time { try await sleep(mine - time) }
    }

    /// `3000/min`, `20/s`, `100/h`: requests and a period; nil: something else.
    package static func parse(_ text: String) -> (requests: Int, period: Duration)? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let requests = Int(parts[0]), (1...1_000_000).contains(requests) else {
            return nil
        }
        switch parts[1] {
        case "s", "sec": return (requests, .seconds(1))
        case "m", "min": return (requests, .seconds(60))
        case "h": return (requests, .seconds(3600))
        default: return nil
        }
    }
}
