/// Why the scheduler gives no result.
package enum SchedulingError: Error, Sendable, Equatable {
    /// There is no room; seconds until there should be.
    case full(retryAfter: Int)
    /// The deadline passed while the request waited.
    case deadline
    /// The caller went away.
    case cancelled
    /// The text at that index has a result that is not finite.
    case notFinite(index: Int)
    /// The scheduler is being stopped.
    case closed
}
