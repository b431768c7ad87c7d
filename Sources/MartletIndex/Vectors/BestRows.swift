internal import CMartletKernels

/// The best rows of one search, by score.
final class BestRows {
    let pointer: UnsafeMutablePointer<mk_candidates>
    private let items: UnsafeMutablePointer<mk_candidate>

    init(wanted: Int) {
        let capacity = 2 * wanted + Int(MK_BLOCK_ROWS) + 64
        items = .allocate(capacity: capacity)
        pointer = .allocate(capacity: 1)
        pointer.initialize(
            to: mk_candidates(
                items: items, count: 0, capacity: Int64(capacity), wanted: Int64(wanted),
                threshold: -.infinity))
    }

    deinit {
        items.deallocate()
        pointer.deallocate()
    }

    /// A row with this score, or a lower one, is not among the best.
    var threshold: Float { pointer.pointee.threshold }

    /// Of equal scores the lower row is better where rows are added in ascending order.
    func add(_ score: Float, row: UInt32) {
        if score > threshold { append(mk_candidate(score: score, row: row)) }
    }

    /// The best rows in ascending order.
    func rows() -> [UInt32] {
        let wanted = Int(pointer.pointee.wanted)
        return [UInt32](unsafeUninitializedCapacity: wanted) { rows, count in
            withUnsafeTemporaryAllocation(of: UInt32.self, capacity: wanted) { scratch in
                guard let base = rows.baseAddress, let room = scratch.baseAddress else { return }
                count = Int(mk_candidates_rows(pointer, base, room))
            }
        }
    }

    /// Takes the best rows of another that wants as many, and is not used any more. A row of it may be lower than
    /// one of these with the same score, so that no threshold keeps it out.
    func add(_ other: BestRows) {
        mk_candidates_cut(other.pointer)
        for index in 0..<Int(other.pointer.pointee.count) { append(other.items[index]) }
    }

    private func append(_ candidate: mk_candidate) {
        items[Int(pointer.pointee.count)] = candidate
        pointer.pointee.count += 1
        if pointer.pointee.count + Int64(MK_BLOCK_ROWS) > pointer.pointee.capacity {
            mk_candidates_cut(pointer)
        }
    }

    /// The best rows, the best first.
    func sorted() -> [ScoredRow] {
        mk_candidates_sort(pointer)
        return (0..<Int(pointer.pointee.count)).map {
            ScoredRow(row: Int(items[$0].row), score: items[$0].score)
        }
    }
}

/// A row of a snapshot, and its score in one of the lists of a search.
struct ScoredRow: Sendable, Equatable {
    let row: Int
    var score: Float
}
