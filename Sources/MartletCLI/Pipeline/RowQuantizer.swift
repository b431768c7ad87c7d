#if Command

import Martlet
import MartletData

/// From the library's vectors to rows in the output precision.
struct RowQuantizer: Sendable {
    let precision: OutputPrecision
    /// For int8 and uint8: given for the whole run, so that a row does not depend on the rows around it.
    let ranges: QuantizationRanges?

    func schema(_ kind: VectorKind, dimensions: Int) -> VectorSchema {
        switch precision {
        case .float32: VectorSchema(kind: kind, width: dimensions, elementType: .float32)
        case .float16: VectorSchema(kind: kind, width: dimensions, elementType: .float16)
        case .int8: VectorSchema(kind: kind, width: dimensions, elementType: .int8)
        case .uint8: VectorSchema(kind: kind, width: dimensions, elementType: .uint8)
        case .binary: VectorSchema(kind: kind, width: (dimensions + 7) / 8, elementType: .int8)
        case .ubinary: VectorSchema(kind: kind, width: (dimensions + 7) / 8, elementType: .uint8)
        }
    }

    func rows(_ embeddings: Embeddings) throws -> VectorRows {
        .dense(
            DenseRows(
                count: embeddings.count, width: schema(.dense, dimensions: embeddings.dimensions).width,
                elements: try elements(embeddings)))
    }

    private func elements(_ embeddings: Embeddings) throws -> VectorElements {
        if precision == .float32 { return .float32(embeddings.floats) }
        let bytes = try embeddings.quantized(to: precision, ranges: ranges).bytes
        switch schema(.dense, dimensions: embeddings.dimensions).elementType {
        case .float32, .float16:
            return .float16(
                stride(from: 0, to: bytes.count, by: 2).map { UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8 }
            )
        case .int8: return .int8(bytes.map { Int8(bitPattern: $0) })
        case .uint8: return .uint8(bytes)
        }
    }
}

#endif
