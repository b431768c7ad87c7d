/// IEEE 754 binary16 without `Float16`, which Intel Macs lack.
package enum HalfPrecision {
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
}
