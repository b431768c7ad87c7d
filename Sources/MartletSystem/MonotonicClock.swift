/// Nanoseconds on a clock that never goes back. Tests put their own in its place.
package struct MonotonicClock: Sendable {
    package let now: @Sendable () -> UInt64

    package init(now: @escaping @Sendable () -> UInt64) { self.now = now }

    /// The system's.
    package static let system = MonotonicClock { nanoseconds() }

    /// What the system's clock says, for threads that may be those of a forked child: two of them that need
    /// `system` for the first time at once wait for each other without end, as Swift's runtime remembers the
    /// number that the kernel gave a thread before the fork.
    package static func nanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}
