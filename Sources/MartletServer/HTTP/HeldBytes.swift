#if Server

import Synchronization

/// Bytes of an answer that its client has not read yet, as a part of all that the server holds.
final class HeldBytes: Sendable {
    /// What is written at a time; smaller answers are not counted.
    static let piece = 256 << 10

    private let count: Atomic<Int>
    private let total: HeldTotal

    /// Nil if the limit would be passed. An answer that is alone may be larger: it would else be refused for
    /// ever.
    init?(_ count: Int, of total: HeldTotal, limit: Int) {
        self.count = Atomic(count)
        self.total = total
        let (before, after) = total.bytes.wrappingAdd(count, ordering: .relaxed)
        guard after <= limit || before == 0 else {
            release()
            return nil
        }
    }

    /// An answer that is dropped is let go of, too.
    deinit { release() }

    /// Counts what there is in place of what was expected.
    func resize(to size: Int) {
        let before = count.exchange(size, ordering: .relaxed)
        total.bytes.wrappingAdd(size &- before, ordering: .relaxed)
    }

    func release() {
        let count = count.exchange(0, ordering: .relaxed)
        total.bytes.wrappingSubtract(count, ordering: .relaxed)
    }
}

/// All bytes of answers that are held.
final class HeldTotal: Sendable {
    let bytes = Atomic<Int>(0)
}

#endif
