#if Command

import Martlet

/// From the library's vectors to rows in the output precision.
struct RowQuantizer: Sendable {
    let precision: OutputPrecision
    /// For int8 and uint8: given for the whole run, so that a row does not depend on the rows around it.
    let ranges: QuantizationRanges?

    func shape(dimensions: Int) -> RowShape {
        switch precision {
        case .float32: RowShape(width: dimensions, kind: .float32)
        case .float16: RowShape(width: dimensions, kind: .float16)
        case .int8: RowShape(width: dimensions, kind: .int8)
        case .uint8: RowShape(width: dimensions, kind: .uint8)
        case .binary: RowShape(width: (dimensions + 7) / 8, kind: .int8)
        case .ubinary: RowShape(width: (dimensions + 7) / 8, kind: .uint8)
        }
    }

    func rows(_ embeddings: Embeddings) throws -> Rows {
        let shape = shape(dimensions: embeddings.dimensions)
        let count = embeddings.count
        if precision == .float32 { return Rows(count: count, width: shape.width, elements: .float32(embeddings.floats)) }
        let bytes = try embeddings.quantized(to: precision, ranges: ranges).bytes
        let elements: Rows.Elements =
            switch shape.kind {
            case .float32, .float16:
                .float16(stride(from: 0, to: bytes.count, by: 2).map { UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8 })
            case .int8: .int8(bytes.map { Int8(bitPattern: $0) })
            case .uint8: .uint8(bytes)
            }
        return Rows(count: count, width: shape.width, elements: elements)
    }
}

#endif
