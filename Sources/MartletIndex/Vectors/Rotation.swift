internal import CMartletKernels

/// The fixed random rotation of a collection, made from its seed. It spreads what a vector says over all
/// dimensions, so that one bit of each says as much as of any other.
struct Rotation: Sendable {
    /// Dimensions of the codes: those of the vectors, up to the next multiple of 64.
    let padded: Int
    let signs: [UInt8]

    init(dimensions: Int, seed: UInt64) {
        padded = (dimensions + 63) / 64 * 64
        var state = seed
        var signs: [UInt8] = []
        for _ in 0..<Int(MK_ROTATION_ROUNDS) * padded / 64 {
            // SplitMix64: Steele, Lea, Flood: Fast splittable pseudorandom number generators (2014).
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            signs.append(little: z ^ (z >> 31))
        }
        self.signs = signs
    }

    var blockBytes: Int { Int(mk_block_bytes(Int64(padded))) }

    func rotated(_ vector: [Float]) -> [Float] {
        var result = vector + [Float](repeating: 0, count: padded - vector.count)
        result.withUnsafeMutableBufferPointer { mk_rotate($0.baseAddress, Int64(padded), 1, signs) }
        return result
    }
}
