/// A checksum that notices damage; it is no protection against intent.
///
/// XXH64 (Collet, <https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md>): about as
/// fast as memory.
package enum Checksum {
    private static let primes: (UInt64, UInt64, UInt64, UInt64, UInt64) = (
        0x9e37_79b1_85eb_ca87, 0xc2b2_ae3d_27d4_eb4f, 0x1656_67b1_9e37_79f9, 0x85eb_ca77_c2b2_ae63,
        0x27d4_eb2f_1656_67c5
    )

    package static func xxh64(_ bytes: UnsafeRawBufferPointer) -> UInt64 { xxh64(bytes, seed: 0) }

    package static func xxh64(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
        var offset = 0
        func word() -> UInt64 {
            defer { offset += 8 }
            return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        var hash = seed &+ primes.4
        if bytes.count >= 32 {
            var lanes = (seed &+ primes.0 &+ primes.1, seed &+ primes.1, seed, seed &- primes.0)
            while offset <= bytes.count - 32 {
                lanes.0 = round(lanes.0, word())
                lanes.1 = round(lanes.1, word())
                lanes.2 = round(lanes.2, word())
                lanes.3 = round(lanes.3, word())
            }
            hash = rotated(lanes.0, 1) &+ rotated(lanes.1, 7) &+ rotated(lanes.2, 12) &+ rotated(lanes.3, 18)
            for lane in [lanes.0, lanes.1, lanes.2, lanes.3] {
                hash = (hash ^ round(0, lane)) &* primes.0 &+ primes.3
            }
        }
        hash &+= UInt64(bytes.count)
        while offset <= bytes.count - 8 {
            hash = rotated(hash ^ round(0, word()), 27) &* primes.0 &+ primes.3
        }
        if offset <= bytes.count - 4 {
            let half = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
            hash = rotated(hash ^ UInt64(half) &* primes.0, 23) &* primes.1 &+ primes.2
            offset += 4
        }
        for byte in bytes[offset...] { hash = rotated(hash ^ UInt64(byte) &* primes.4, 11) &* primes.0 }
        hash = (hash ^ hash >> 33) &* primes.1
        hash = (hash ^ hash >> 29) &* primes.2
        return hash ^ hash >> 32
    }

    package static func xxh64(_ text: String, seed: UInt64 = 0) -> UInt64 {
        var text = text
        return text.withUTF8 { xxh64(UnsafeRawBufferPointer($0), seed: seed) }
    }

    @inline(__always)
    private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        rotated(lane &+ word &* primes.1, 31) &* primes.0
    }

    @inline(__always)
    private static func rotated(_ x: UInt64, _ count: UInt64) -> UInt64 { x &<< count | x &>> (64 - count) }
}
