import MartletData

/// The columns of a table of vectors in PostgreSQL.
struct VectorTable {
    /// What identifies a row.
    enum ID: Hashable {
        case integer(Int64)
        case text(String)

        var key: KeyOrder.Key {
            switch self {
            case .integer(let value): .integer(value)
            case .text(let value): .text(value)
            }
        }
    }

    /// pgvector's type for vectors of a schema; nil: it has none.
    static func type(_ schema: VectorSchema, isBits: Bool) -> String? {
        switch schema.elementType {
        case _ where isBits: "bit(\(schema.width * 8))"
        case .float32: "vector(\(schema.width))"
        case .float16: "halfvec(\(schema.width))"
        case .int8, .uint8: nil
        }
    }

    /// The operator class that an index on that type takes for cosine distance; Hamming distance for bits.
    static func operatorClass(_ schema: VectorSchema, isBits: Bool) -> String {
        switch schema.elementType {
        case _ where isBits: "bit_hamming_ops"
        case .float16: "halfvec_cosine_ops"
        default: "vector_cosine_ops"
        }
    }

    static func id(_ record: Record, isInteger: Bool) throws(DataError) -> ID {
        if isInteger {
            switch record.id {
            case .none: return .integer(Int64(record.index))
            case .literal(let text):
                if let value = Int64(text) { return .integer(value) }
            case .text: break
            }
            throw DataError(
                .field, at: record.place,
                "the id \(record.idText) is not an integer, as those of the table are",
                remedies: [.nameIDField, .advice("name another table")])
        }
        if record.idText.utf8.contains(0) {
            throw DataError(
                .field, at: record.place, "the id has a byte 0, which PostgreSQL does not store",
                remedies: [.nameIDField])
        }
        return .text(record.idText)
    }
}
