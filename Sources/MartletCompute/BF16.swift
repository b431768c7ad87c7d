/// Numbers of 16 bits that are the upper half of a 32-bit float.
package enum BF16 {
    /// To the nearest, ties to even; NaN stays NaN.
    package static func rounded(_ value: Float) -> UInt16 {
        if value.isNaN { return 0x7fc0 }
        let bits = value.bitPattern
        return UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ (bits >> 16 & 1)) >> 16)
    }

    package static func widened(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }
}
