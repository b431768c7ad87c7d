import Synchronization

/// How many texts make a batch. It follows the speed of the model so that rows come out about twice a second;
/// no result depends on it.
public final class BatchSize: Sendable {
    /// Bytes of text in a batch, at which it ends whatever the number of records.
    package static let maxBytes = 4 << 20
    private static let range = 32...16384
    private static let secondsPerBatch = 0.5
    private let value: Atomic<Int>
    private let isFixed: Bool

    /// A size that starts small and follows the speed of the model.
    public init() {
        value = Atomic(64)
        isFixed = false
    }

    /// A number that stays: the speed of a remote model says nothing of the work.
    package init(fixed texts: Int) {
        value = Atomic(max(1, texts))
        isFixed = true
    }

    /// Texts that the next batch should have.
    public var texts: Int { value.load(ordering: .relaxed) }

    /// `count` texts took `seconds`.
    public func observe(count: Int, seconds: Double) {
        let current = texts
        guard !isFixed, count >= current / 2, seconds > 0 else { return }
        let fitting = Double(count) * Self.secondsPerBatch / seconds
        let next = Int(min(max(fitting, Double(current) / 2), Double(current) * 2))
        value.store(min(max(next, Self.range.lowerBound), Self.range.upperBound), ordering: .relaxed)
    }
}
