/// The dimension of a word: the magnitude of its MurmurHash3 (x86, 32 bits, seed 0; Appleby 2011), as
/// fastembed takes it.
enum WordHash {
    static func index(_ word: String) -> Int {
        Int(Int32(bitPattern: murmur3(Array(word.utf8)))).magnitudeAsInt
    }

    static func murmur3(_ bytes: [UInt8]) -> UInt32 {
        func rotated(_ x: UInt32, _ by: UInt32) -> UInt32 { x << by | x >> (32 - by) }
        func mixed(_ k: UInt32) -> UInt32 { rotated(k &* 0xcc9e_2d51, 15) &* 0x1b87_3593 }
        func word(_ bytes: ArraySlice<UInt8>) -> UInt32 {
            bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
        var hash: UInt32 = 0
        let whole = bytes.count / 4 * 4
        for start in stride(from: 0, to: whole, by: 4) {
            hash = rotated(hash ^ mixed(word(bytes[start..<start + 4])), 13) &* 5 &+ 0xe654_6b64
        }
        if whole < bytes.count { hash ^= mixed(word(bytes[whole...])) }
        hash ^= UInt32(truncatingIfNeeded: bytes.count)
        hash = (hash ^ hash >> 16) &* 0x85eb_ca6b
        hash = (hash ^ hash >> 13) &* 0xc2b2_ae35
        return hash ^ hash >> 16
    }
}

extension Int {
    fileprivate var magnitudeAsInt: Int { self < 0 ? -self : self }
}
