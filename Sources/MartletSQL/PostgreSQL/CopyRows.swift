import MartletData

/// Rows in the binary form of PostgreSQL's COPY, with vectors as pgvector receives them.
///
/// <https://www.postgresql.org/docs/current/sql-copy.html>, and `vector_recv`, `halfvec_recv` of
/// <https://github.com/pgvector/pgvector>.
struct CopyRows {
    private(set) var bytes: [UInt8]

    /// Reserves memory for rows.
    /// - Parameters:
    ///   - rowCount: How many rows are expected.
    ///   - width: Elements of a vector.
    init(rowCount: Int = 0, width: Int = 0) {
        bytes = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0] + [UInt8](repeating: 0, count: 8)
        // Lengths, a position and a number as id take 38 bytes.
        bytes.reserveCapacity(bytes.count + rowCount * (38 + 4 * width) + 2)
    }

    /// A row of an id and a vector.
    /// - Parameter position: A column before these; nil: there is none.
    mutating func append(
        position: Int? = nil, id: VectorTable.ID, vector rows: DenseRows, row: Int, bits: Bool
    ) {
        append(Int16(position == nil ? 2 : 3))
        if let position {
            append(Int32(8))
            append(Int64(position))
        }
        switch id {
        case .integer(let value):
            append(Int32(8))
            append(value)
        case .text(let text):
            append(Int32(clamping: text.utf8.count))
            bytes.append(contentsOf: text.utf8)
        }
        let range = rows.range(of: row)
        switch rows.elements {
        case .float32(let values):
            append(Int32(clamping: 4 + 4 * range.count))
            append(Int16(clamping: range.count))
            append(Int16(0))
            values[range].map { $0.bitPattern.bigEndian }.withUnsafeBytes { bytes.append(contentsOf: $0) }
        case .float16(let values):
            append(Int32(clamping: 4 + 2 * range.count))
            append(Int16(clamping: range.count))
            append(Int16(0))
            values[range].map { $0.bigEndian }.withUnsafeBytes { bytes.append(contentsOf: $0) }
        case .uint8(let values):
            append(Int32(clamping: 4 + range.count))
            append(Int32(clamping: 8 * range.count))
            bytes.append(contentsOf: values[range])
        case .int8(let values):
            // Bits of --output-precision binary are those of ubinary, less 128.
            append(Int32(clamping: 4 + range.count))
            append(Int32(clamping: 8 * range.count))
            bytes.append(contentsOf: values[range].map { UInt8(bitPattern: $0) ^ 0x80 })
        }
    }

    mutating func finish() { append(Int16(-1)) }

    private mutating func append<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
