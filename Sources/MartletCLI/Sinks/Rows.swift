#if Command

import MartletJSON

/// Vectors as they are written: `count` rows of `width` elements, in one of the output precisions.
struct Rows: Sendable, Equatable {
    enum Elements: Sendable, Equatable {
        case float32([Float])
        /// The bit patterns of IEEE binary16.
        case float16([UInt16])
        case int8([Int8])
        case uint8([UInt8])
    }

    enum Kind: Sendable, Equatable { case float32, float16, int8, uint8 }

    let count: Int
    /// Elements of a vector.
    let width: Int
    let elements: Elements
    /// The tokens of each row, which then holds a vector to each, one after the other; nil where a row is one vector.
    var tokens: Tokens?
    /// Sparse vectors, one a row, in place of `elements`.
    var sparse: [Sparse]?

    /// The elements of a row that is one vector.
    func range(of row: Int) -> Range<Int> { row * width..<(row + 1) * width }

    /// `[a,b,…]`, or a list of such lists where a row has a vector to each token.
    func appendJSON(row: Int, to output: inout [UInt8]) {
        guard tokens != nil else { return appendJSON(range(of: row), to: &output) }
        output.append(UInt8(ascii: "["))
        for (token, range) in ranges(of: row).enumerated() {
            if token > 0 { output.append(UInt8(ascii: ",")) }
            appendJSON(range, to: &output)
        }
        output.append(UInt8(ascii: "]"))
    }

    private func appendJSON(_ range: Range<Int>, to output: inout [UInt8]) {
        if case .float32(let values) = elements {
            values.withUnsafeBufferPointer { JSONText.append(UnsafeBufferPointer(rebasing: $0[range]), to: &output) }
            return
        }
        output.append(UInt8(ascii: "["))
        appendList(range, separator: UInt8(ascii: ","), to: &output)
        output.append(UInt8(ascii: "]"))
    }

    func appendList(row: Int, separator: UInt8, to output: inout [UInt8]) {
        appendList(range(of: row), separator: separator, to: &output)
    }

    private func appendList(_ range: Range<Int>, separator: UInt8, to output: inout [UInt8]) {
        for (position, index) in range.enumerated() {
            if position > 0 { output.append(separator) }
            appendElement(index, to: &output)
        }
    }

    private func appendElement(_ index: Int, to output: inout [UInt8]) {
        switch elements {
        case .float32(let values): JSONText.append(values[index], to: &output)
        case .float16(let values): JSONText.append(HalfPrecision.float(values[index]), to: &output)
        case .int8(let values): JSONText.append(Int(values[index]), to: &output)
        case .uint8(let values): JSONText.append(Int(values[index]), to: &output)
        }
    }

    /// The elements of a row in memory order, little-endian.
    func appendBytes(row: Int, to output: inout [UInt8]) {
        let range = range(of: row)
        switch elements {
        case .float32(let values): append(values, range, to: &output)
        case .float16(let values): append(values, range, to: &output)
        case .int8(let values): append(values, range, to: &output)
        case .uint8(let values): append(values, range, to: &output)
        }
    }

    /// As they lie in memory: every platform of Swift is little-endian.
    private func append<T: BitwiseCopyable>(_ values: [T], _ range: Range<Int>, to output: inout [UInt8]) {
        values.withUnsafeBufferPointer { output.append(contentsOf: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: $0[range]))) }
    }
}

/// IEEE 754 binary16 without `Float16`, which Intel Macs lack.
enum HalfPrecision {
    static func float(_ bits: UInt16) -> Float {
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

#endif
