/// FIPS 180-4, over bytes that arrive in pieces: git names its objects by it. Against accidents, not against forgers.
struct SHA1: Sendable {
    private var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]
    private var blocks = DigestBlocks()

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        blocks.update(bytes) { Self.compress(&state, $0) }
    }

    /// The digest in hexadecimal; nothing can be added after it.
    mutating func finish() -> String {
        blocks.finish { Self.compress(&state, $0) }
        return DigestBlocks.hexadecimal(state)
    }

    private static func compress(_ state: inout [UInt32], _ block: UnsafeRawBufferPointer) {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 80) { w in
            for t in 0..<16 { w[t] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: t * 4, as: UInt32.self)) }
            for t in 16..<80 { w[t] = rotated(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1) }
            state.withUnsafeMutableBufferPointer { h in
                var (a, b, c, d, e) = (h[0], h[1], h[2], h[3], h[4])
                for t in 0..<80 {
                    let (f, k): (UInt32, UInt32) =
                        switch t {
                        case ..<20: ((b & c) | (~b & d), 0x5a82_7999)
                        case ..<40: (b ^ c ^ d, 0x6ed9_eba1)
                        case ..<60: ((b & c) | (b & d) | (c & d), 0x8f1b_bcdc)
                        default: (b ^ c ^ d, 0xca62_c1d6)
                        }
                    let next = rotated(a, 5) &+ f &+ e &+ k &+ w[t]
                    (e, d, c, b, a) = (d, c, rotated(b, 30), a, next)
                }
                (h[0], h[1], h[2], h[3], h[4]) = (h[0] &+ a, h[1] &+ b, h[2] &+ c, h[3] &+ d, h[4] &+ e)
            }
        }
    }

    @inline(__always) private static func rotated(_ value: UInt32, _ count: UInt32) -> UInt32 {
        value << count | value >> (32 &- count)
    }
}
