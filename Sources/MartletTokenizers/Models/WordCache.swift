/// Remembers the tokens of short words: a table of a bounded size in which a word replaces another one of its
/// slot.
final class WordCache {
    static let longestWord = 32
    private static let mostIDs = 7
    private static let mostSlots = 1 << 14

    /// A word's bytes, padded with zeros, and its length.
    struct Key: Equatable {
        private var a: UInt64 = 0
        private var b: UInt64 = 0
        private var c: UInt64 = 0
        private var d: UInt64 = 0
        fileprivate let length: Int

        @inline(__always)
        init(_ text: UnsafeBufferPointer<UInt8>, _ word: Range<Int>) {
            length = word.count
            guard let base = text.baseAddress else { return }
            let start = UnsafeRawPointer(base + word.lowerBound)
            a = Self.load(start, length)
            if length > 8 { b = Self.load(start + 8, length - 8) }
            if length > 16 { c = Self.load(start + 16, length - 16) }
            if length > 24 { d = Self.load(start + 24, length - 24) }
        }

        /// Up to eight bytes, the first one lowest.
        @inline(__always)
        private static func load(_ start: UnsafeRawPointer, _ length: Int) -> UInt64 {
            if length >= 8 { return UInt64(littleEndian: start.loadUnaligned(as: UInt64.self)) }
            if length >= 4 {
                let low = UInt64(UInt32(littleEndian: start.loadUnaligned(as: UInt32.self)))
                let high = UInt64(UInt32(littleEndian: (start + (length - 4)).loadUnaligned(as: UInt32.self)))
                return low | high << UInt64((length - 4) * 8)
            }
            if length == 0 { return 0 }
            let first = UInt64(start.load(as: UInt8.self))
            let middle = UInt64((start + length / 2).load(as: UInt8.self))
            let last = UInt64((start + (length - 1)).load(as: UInt8.self))
            return first | middle << UInt64(length / 2 * 8) | last << UInt64((length - 1) * 8)
        }

        @inline(__always)
        fileprivate var hash: UInt64 {
            var hash = (a ^ UInt64(length)) &* 0x9E37_79B9_7F4A_7C15
            if length > 8 {
                hash = (hash ^ hash >> 32 ^ b) &* 0xD6E8_FEB8_6659_FD93
                hash = (hash ^ hash >> 32 ^ c) &* 0xA076_1D64_78BD_642F
                hash = (hash ^ hash >> 32 ^ d) &* 0xE703_7ED1_A0B4_28DB
            }
            return hash ^ hash >> 32
        }
    }

    private struct Slot {
        var key: Key
        var count: Int8
        var ids: (Int32, Int32, Int32, Int32, Int32, Int32, Int32)
    }

    @exclusivity(unchecked) private var slots: UnsafeMutableBufferPointer<Slot>
    @exclusivity(unchecked) private var inserted = 0

    init() { slots = Self.allocate(256) }

    deinit { slots.deallocate() }

    var bytes: Int { slots.count * MemoryLayout<Slot>.stride }

    private static func allocate(_ count: Int) -> UnsafeMutableBufferPointer<Slot> {
        let slots = UnsafeMutableBufferPointer<Slot>.allocate(capacity: count)
        slots.initialize(
            repeating: Slot(
                key: Key(UnsafeBufferPointer(start: nil, count: 0), 0..<0), count: -1,
                ids: (0, 0, 0, 0, 0, 0, 0)))
        return slots
    }

    /// Good until the next insertion.
    @inline(__always)
    func ids(of key: Key) -> UnsafeBufferPointer<Int32>? {
        guard
            let slot = slots.baseAddress.map({ $0 + Int(truncatingIfNeeded: key.hash) & (slots.count &- 1) }),
            slot.pointee.count >= 0, slot.pointee.key == key, let field = MemoryLayout<Slot>.offset(of: \.ids)
        else { return nil }
        let ids = (UnsafeRawPointer(slot) + field).assumingMemoryBound(to: Int32.self)
        return UnsafeBufferPointer(start: ids, count: Int(slot.pointee.count))
    }

    func insert(_ key: Key, _ ids: [Int32]) {
        guard ids.count <= Self.mostIDs else { return }
        inserted += 1
        if inserted > slots.count, slots.count < Self.mostSlots { grow() }
        var slot = Slot(key: key, count: Int8(ids.count), ids: (0, 0, 0, 0, 0, 0, 0))
        withUnsafeMutableBytes(of: &slot.ids) { target in
            for (index, id) in ids.enumerated() {
                target.storeBytes(of: id, toByteOffset: index * 4, as: Int32.self)
            }
        }
        slots[Int(truncatingIfNeeded: key.hash) & (slots.count - 1)] = slot
    }

    private func grow() {
        let old = slots
        slots = Self.allocate(old.count * 4)
        for slot in old where slot.count >= 0 {
            slots[Int(truncatingIfNeeded: slot.key.hash) & (slots.count - 1)] = slot
        }
        old.deallocate()
    }
}
