/// Numbers distinct byte strings from 0, in the order of their first appearance.
struct ByteTable {
    /// Each the upper half of a hash and, in the lower half, a number plus 1; 0: free.
    private var slots = [UInt64](repeating: 0, count: 1 << 10)
    private var ends: [Int] = []
    private var hashes: [UInt64] = []
    private var bytes: [UInt8] = []

    var count: Int { ends.count }

    /// The number of a string, and whether it is new.
    mutating func insert(_ key: UnsafeBufferPointer<UInt8>) -> (index: Int, isNew: Bool) {
        let hash = Self.hash(key)
        let (slot, known) = place(of: key, hash)
        if let known { return (known, false) }
        bytes.append(contentsOf: key)
        ends.append(bytes.count)
        hashes.append(hash)
        slots[slot] = Self.slot(hash, ends.count)
        if ends.count * 2 > slots.count { grow() }
        return (ends.count - 1, true)
    }

    /// The number of a string; nil if the table does not have it.
    func index(of key: UnsafeBufferPointer<UInt8>) -> Int? {
        place(of: key, Self.hash(key)).index
    }

    /// Where a string is, or the free slot for it.
    private func place(of key: UnsafeBufferPointer<UInt8>, _ hash: UInt64) -> (slot: Int, index: Int?) {
        let tag = Self.slot(hash, 0)
        return slots.withUnsafeBufferPointer { slots in
            var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
            while slots[slot] != 0 {
                // Most others differ in half of their hash, so that their bytes are not looked at.
                if slots[slot] & 0xFFFF_FFFF_0000_0000 == tag {
                    let index = Int(slots[slot] & 0xFFFF_FFFF) - 1
                    if equals(index, key) { return (slot, index) }
                }
                slot = (slot + 1) & (slots.count - 1)
            }
            return (slot, nil)
        }
    }

    private static func slot(_ hash: UInt64, _ count: Int) -> UInt64 {
        hash & 0xFFFF_FFFF_0000_0000 | UInt64(count)
    }

    func bytes(of index: Int) -> [UInt8] { Array(bytes[range(index)]) }

    func withBytes<R>(_ index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
        bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[range(index)])) }
    }

    /// The indices of these numbers, in the order of their strings' bytes.
    func order(of numbers: [Int]) -> [Int] {
        bytes.withUnsafeBytes { bytes in
            func string(_ index: Int) -> UnsafeRawBufferPointer {
                UnsafeRawBufferPointer(rebasing: bytes[range(numbers[index])])
            }
            return numbers.indices.sorted { ByteOrder.compare(string($0), string($1)) < 0 }
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
        var larger = [UInt64](repeating: 0, count: slots.count * 2)
        for index in hashes.indices {
            var slot = Int(truncatingIfNeeded: hashes[index]) & (larger.count - 1)
            while larger[slot] != 0 { slot = (slot + 1) & (larger.count - 1) }
            larger[slot] = Self.slot(hashes[index], index + 1)
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
