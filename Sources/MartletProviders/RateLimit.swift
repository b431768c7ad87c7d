/// A token bucket: so many requests, or tokens, in a time, spread evenly, and never more in any window of it.
package actor RateLimit {
    /// Networks delay some requests less than those before them; without it a server would count one too many
    /// now and then.
    private static let margin = 1.02

    private let interval: Duration
    private let now: @Sendable () -> Duration
    private let sleep: @Sendable (Duration) async throws -> Void
    private var next: Duration

    /// - Parameters:
    ///   - units: Requests or tokens; at least 1.
    ///   - period: The time in which they may go out.
    ///   - now: A clock that never goes back.
    package init(
        _ units: Int, per period: Duration, now: @escaping @Sendable () -> Duration = RateLimit.clock,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        interval = period / max(1, units) * Self.margin
        self.now = now
        self.sleep = sleep
        next = now()
    }

    private static let start = ContinuousClock.now
    package static let clock: @Sendable () -> Duration = { ContinuousClock.now - start }

    /// Returns when the next units may go out: those that went before have had their time.
    package func wait(for units: Int = 1) async throws {
        let time = now()
        let mine = max(time, next)
        next = mine + interval * units
        if mine > time { try await sleep(mine - time) }
    }

    /// What went out was so many units more than was waited for; below 0: fewer.
    package func correct(by units: Int) { next += interval * units }
}

/// So many requests or tokens in a time, as `3000/min` or `1000000tokens/min`.
package struct Rate: Sendable, Equatable {
    package enum Unit: Sendable { case requests, tokens }

    package let count: Int
    package let unit: Unit
    package let period: Duration

    /// `20/s`, `3000/min`, `100/h`, `1000000tokens/min`; nil: another text.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let isTokens = parts[0].hasSuffix("tokens")
        let digits = isTokens ? parts[0].dropLast("tokens".count) : parts[0][...]
        guard let count = Int(digits), (1...1_000_000_000).contains(count) else { return nil }
        let periods = ["s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600]
        guard let seconds = periods[String(parts[1])] else { return nil }
        self.count = count
        unit = isTokens ? .tokens : .requests
        period = .seconds(seconds)
    }
}
