internal import MartletJSON
internal import MartletSystem

/// Vectors of one length: `count` rows of `width` elements.
public struct DenseRows: Sendable, Equatable {
    /// Number of rows.
    public let count: Int
    /// Elements of a row.
    public let width: Int
    /// Row after row.
    public let elements: VectorElements

    /// - Precondition: `elements.count == count * width`, else rows at the end are missing when they are
    ///   read.
    public init(count: Int, width: Int, elements: VectorElements) {
        self.count = count
        self.width = width
        self.elements = elements
    }

    package func range(of row: Int) -> Range<Int> { row * width..<(row + 1) * width }

    /// `[a,b,…]`.
    package func appendJSON(row: Int, to output: inout [UInt8]) {
        let range = range(of: row)
        if case .float32(let values) = elements {
            values.withUnsafeBufferPointer {
                JSONText.append(UnsafeBufferPointer(rebasing: $0[range]), to: &output)
            }
            return
        }
        output.append(UInt8(ascii: "["))
        appendList(row: row, separator: UInt8(ascii: ","), to: &output)
        output.append(UInt8(ascii: "]"))
    }

    package func appendList(row: Int, separator: UInt8, to output: inout [UInt8]) {
        for (position, index) in range(of: row).enumerated() {
            if position > 0 { output.append(separator) }
            switch elements {
            case .float32(let values): JSONText.append(values[index], to: &output)
            case .float16(let values): JSONText.append(HalfPrecision.float(values[index]), to: &output)
            case .int8(let values): JSONText.append(Int(values[index]), to: &output)
            case .uint8(let values): JSONText.append(Int(values[index]), to: &output)
            }
        }
    }

    /// The elements of a row in memory order, little-endian.
    package func appendBytes(row: Int, to output: inout [UInt8]) {
        let range = range(of: row)
        switch elements {
        case .float32(let values): append(values, range, to: &output)
        case .float16(let values): append(values, range, to: &output)
        case .int8(let values): append(values, range, to: &output)
        case .uint8(let values): append(values, range, to: &output)
        }
    }

    /// As they are in memory: every platform of Swift is little-endian.
    private func append<T: BitwiseCopyable>(_ values: [T], _ range: Range<Int>, to output: inout [UInt8]) {
        values.withUnsafeBufferPointer {
            output.append(contentsOf: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: $0[range])))
        }
    }
}
