/// Numbers distinct byte strings from 0, in the order of their first appearance.
struct ByteTable {
    private var slots = [UInt32](repeating: 0, count: 1 << 10)
    private var ends: [Int] = []
    private var hashes: [UInt64] = []
    private var bytes: [UInt8] = []

    var count: Int { ends.count }
    /// The memory that the table takes, about.
    var memory: Int { slots.count * 4 + ends.count * 16 + bytes.count }

    /// The number of a string, and whether it is new.
    mutating func insert(_ key: UnsafeBufferPointer<UInt8>) -> (index: Int, isNew: Bool) {
        let hash = Self.hash(key)
        let (slot, known) = place(of: key, hash)
        if let known { return (known, false) }
        bytes.append(contentsOf: key)
        ends.append(bytes.count)
        hashes.append(hash)
        slots[slot] = UInt32(ends.count)
        if ends.count * 2 > slots.count { grow() }
        return (ends.count - 1, true)
    }

    /// The number of a string; nil if the table does not have it.
    func index(of key: UnsafeBufferPointer<UInt8>) -> Int? {
        place(of: key, Self.hash(key)).index
    }

    /// Where a string is, or the free slot for it.
    private func place(of key: UnsafeBufferPointer<UInt8>, _ hash: UInt64) -> (slot: Int, index: Int?) {
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != 0 {
            let index = Int(slots[slot]) - 1
            if hashes[index] == hash, equals(index, key) { return (slot, index) }
            slot = (slot + 1) & (slots.count - 1)
        }
        return (slot, nil)
    }

    func bytes(of index: Int) -> [UInt8] { Array(bytes[range(index)]) }

    func withBytes<R>(_ index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
        bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[range(index)])) }
    }

    /// All numbers, in the order of their strings' bytes.
    func sorted() -> [Int] {
        bytes.withUnsafeBufferPointer { bytes in
            (0..<count).sorted { a, b in bytes[range(a)].lexicographicallyPrecedes(bytes[range(b)]) }
        }
    }

    private func range(_ index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1])..<ends[index] }

    private func equals(_ index: Int, _ key: UnsafeBufferPointer<UInt8>) -> Bool {
        let range = range(index)
        guard range.count == key.count else { return false }
        return bytes.withUnsafeBufferPointer { bytes in
            for offset in 0..<key.count where bytes[range.lowerBound + offset] != key[offset] { return false }
            return true
        }
    }

    private mutating func grow() {
        var larger = [UInt32](repeating: 0, count: slots.count * 2)
        for index in hashes.indices {
            var slot = Int(truncatingIfNeeded: hashes[index]) & (larger.count - 1)
            while larger[slot] != 0 { slot = (slot + 1) & (larger.count - 1) }
            larger[slot] = UInt32(index + 1)
        }
        slots = larger
    }

    /// FNV-1a with its bits mixed, the same in every process.
    static func hash(_ key: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in key { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ hash >> 32) &* 0x9E37_79B9_7F4A_7C15
        return hash ^ hash >> 29
    }
}
