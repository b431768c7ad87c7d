import Synchronization

/// How many texts make a batch. It follows the speed of the model so that rows come out about twice a second;
/// no result depends on it.
public final class BatchSize: Sendable {
    private static let range = 32...16384
    private static let secondsPerBatch = 0.5
    private let value: Atomic<Int>
    private let most = Atomic(BatchSize.range.upperBound)
    private let mostBytes = Atomic(4 << 20)
    private let isFixed: Bool

    /// A size that starts small and follows the speed of the model.
    public init() {
        value = Atomic(64)
        isFixed = false
    }

    /// A number that stays: the speed of a remote model says nothing of the work.
    package init(fixed texts: Int, maxBytes: Int = 4 << 20) {
        value = Atomic(max(1, texts))
        most.store(max(1, texts), ordering: .relaxed)
        mostBytes.store(max(1, maxBytes), ordering: .relaxed)
        isFixed = true
    }

    /// Texts that the next batch should have.
    public var texts: Int { min(value.load(ordering: .relaxed), most.load(ordering: .relaxed)) }

    /// Bytes of text at which a batch ends, whatever the number of records.
    package var maxBytes: Int { mostBytes.load(ordering: .relaxed) }

    /// Holds the following batches to a number of texts and of bytes; never to more than before.
    package func limit(texts: Int, bytes: Int) {
        most.store(max(1, min(texts, most.load(ordering: .relaxed))), ordering: .relaxed)
        mostBytes.store(max(1, min(bytes, maxBytes)), ordering: .relaxed)
    }

    /// `count` texts took `seconds`.
    public func observe(count: Int, seconds: Double) {
        let current = texts
        guard !isFixed, count >= current / 2, seconds > 0 else { return }
        let fitting = Double(count) * Self.secondsPerBatch / seconds
        let next = Int(min(max(fitting, Double(current) / 2), Double(current) * 2))
        value.store(min(max(next, Self.range.lowerBound), Self.range.upperBound), ordering: .relaxed)
    }
}
