internal import MartletSystem

/// Whether the bytes of an answer come fast enough to wait for them. A server that sends a byte a second is
/// never silent, and would hold a pull for years.
struct TransferPace {
    private let limits: PullTimeouts
    private let clock: MonotonicClock
    private var start: UInt64
    private var bytes = 0
    /// Whether bytes came fast enough in a window before.
    private var wasFast = false

    init(_ limits: PullTimeouts, clock: MonotonicClock = .system) {
        self.limits = limits
        self.clock = clock
        start = clock.now()
    }

    /// Counts bytes that arrived.
    /// - Throws: If all those of the last ``PullTimeouts/window`` are too few.
    mutating func add(_ count: Int, from url: HubURL) throws(TransientFailure) {
        bytes += count
        let now = clock.now()
        let passed = Duration.nanoseconds(Int64(clamping: now &- start))
        guard passed >= limits.window else { return }
        let rate = Double(bytes) / (passed / .seconds(1))
        (start, bytes) = (now, 0)
        guard rate >= Double(limits.leastRate) else {
            throw TransientFailure(
                message: "\(url.origin): sends fewer than \(limits.leastRate) bytes a second",
                isTooSlow: true,
                wasFastBefore: wasFast)
        }
        wasFast = true
    }
}
