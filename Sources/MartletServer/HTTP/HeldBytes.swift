import Synchronization

/// Bytes of an answer that its client has not read yet, as a part of all that the server holds.
final class HeldBytes: Sendable {
    /// What is written at a time; smaller answers are not counted.
    static let piece = 256 << 10

    private let count: Atomic<Int>
    private let total: HeldTotal

    /// Nil if the limit would be passed.
    init?(_ count: Int, of total: HeldTotal, limit: Int) {
        self.count = Atomic(count)
        self.total = total
        guard total.bytes.wrappingAdd(count, ordering: .relaxed).newValue <= limit else {
            release()
            return nil
        }
    }

    /// An answer that is dropped is let go of, too.
    deinit { release() }

    func release() {
        let count = count.exchange(0, ordering: .relaxed)
        total.bytes.wrappingSubtract(count, ordering: .relaxed)
    }
}

/// All bytes of answers that are held.
final class HeldTotal: Sendable {
    let bytes = Atomic<Int>(0)
}
