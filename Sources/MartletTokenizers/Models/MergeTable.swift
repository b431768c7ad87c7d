/// Which pairs of tokens merge, in which order, and into what: open addressing over the ids of a pair.
struct MergeTable: Sendable {
    /// Rank << 32 | the merged token's id. Ranks are the order of the file: the lowest merges first.
    typealias Merge = UInt64
    static let none = Merge.max

    fileprivate struct Slot {
        var pair = UInt64.max
        var merge = MergeTable.none
    }

    private var slots: [Slot]
    private var shift: UInt64
    private(set) var count = 0
    /// Bytes that the right token of each pair loses.
    var prefix = 0

    init(capacity: Int) {
        var bits: UInt64 = 6
        while bits < 40, 1 << bits < capacity * 2 { bits += 1 }
        shift = 64 - bits
        slots = [Slot](repeating: Slot(), count: 1 << Int(bits))
    }

    /// The pairs in the order in which they merge.
    var ordered: [(left: Int32, right: Int32)] {
        slots.filter { $0.pair != .max }.sorted { $0.merge < $1.merge }
            .map { (Int32(truncatingIfNeeded: $0.pair >> 32), Int32(truncatingIfNeeded: $0.pair)) }
    }

    /// Of equal pairs the last wins, as in the reference library.
    mutating func insert(_ left: Int32, _ right: Int32, _ merged: Int32, rank: UInt32) {
        let pair = Self.key(left, right)
        if count * 2 >= slots.count { grow() }
        var slot = Int(truncatingIfNeeded: Self.hash(pair) >> shift)
        while slots[slot].pair != UInt64.max, slots[slot].pair != pair {
            slot = (slot + 1) & (slots.count - 1)
        }
        if slots[slot].pair != pair { count += 1 }
        slots[slot] = Slot(pair: pair, merge: UInt64(rank) << 32 | UInt64(UInt32(bitPattern: merged)))
    }

    private mutating func grow() {
        let old = slots
        shift -= 1
        slots = [Slot](repeating: Slot(), count: old.count * 2)
        for entry in old where entry.pair != UInt64.max {
            var slot = Int(truncatingIfNeeded: Self.hash(entry.pair) >> shift)
            while slots[slot].pair != UInt64.max { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = entry
        }
    }

    @inline(__always)
    fileprivate static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    @inline(__always)
    fileprivate static func hash(_ pair: UInt64) -> UInt64 { (pair ^ pair >> 29) &* 0x9E37_79B9_7F4A_7C15 }

    @inline(__always)
    func withReader<Result>(_ body: (Reader) -> Result) -> Result {
        slots.withUnsafeBufferPointer { body(Reader(slots: $0, shift: shift)) }
    }

    struct Reader {
        fileprivate let slots: UnsafeBufferPointer<Slot>
        fileprivate let shift: UInt64

        /// `none` where the pair does not merge.
        @inline(__always)
        func merge(_ left: Int32, _ right: Int32) -> Merge {
            let pair = MergeTable.key(left, right)
            var slot = Int(truncatingIfNeeded: MergeTable.hash(pair) >> shift)
            while true {
                let entry = slots[slot]
                if entry.pair == pair { return entry.merge }
                if entry.pair == UInt64.max { return MergeTable.none }
                slot = (slot &+ 1) & (slots.count &- 1)
            }
        }
    }
}
