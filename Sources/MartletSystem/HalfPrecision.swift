/// IEEE 754 binary16 in integer arithmetic, without `Float16`, which Intel Macs lack.
package enum HalfPrecision {
    /// The number, exactly.
    package static func float(_ bits: UInt16) -> Float {
        let sign = UInt32(bits >> 15) << 31
        let exponent = UInt32(bits >> 10 & 31)
        let fraction = UInt32(bits & 1023)
        switch exponent {
        case 0:
            let value = Float(fraction) * 0x1p-24
            return sign == 0 ? value : -value
        case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
        default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }

    /// The nearest binary16, ties to even; beyond the range infinity, as NumPy's `astype`.
    package static func bits(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        let sign = UInt16(truncatingIfNeeded: bits >> 16) & 0x8000
        let magnitude = bits & 0x7FFF_FFFF
        if magnitude > 0x7F80_0000 {
            return sign | 0x7E00 | UInt16(truncatingIfNeeded: (magnitude >> 13) & 0x3FF)
        }
        // 65520 and above round to infinity.
        if magnitude >= 0x477F_F000 { return sign | 0x7C00 }
        if magnitude >= 0x3880_0000 {
            // Normal: rebias the exponent from 127 to 15, round away 13 bits.
            let rebiased = magnitude - (112 << 23)
            let rounded = (rebiased + 0xFFF + ((rebiased >> 13) & 1)) >> 13
            return sign | UInt16(truncatingIfNeeded: rounded)
        }
        // Subnormal: in units of 2^-24; scaling by a power of two is exact, and so is rounding to a whole
        // number.
        let units = (Float(bitPattern: magnitude) * 16_777_216).rounded(.toNearestOrEven)
        return sign | UInt16(units)
    }
}
