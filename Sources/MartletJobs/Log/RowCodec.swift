import MartletData

/// Rows as bytes of a log: ids, indices, flags, digests of the texts where they are kept, and the vectors.
///
/// Texts and places are not stored: no format of vectors has them.
enum RowCodec {
    private enum Tag { static let none: UInt8 = 0, text: UInt8 = 1, literal: UInt8 = 2 }

    static func encode(_ batch: RowBatch, digests: [TextDigest]?) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendInteger(UInt32(clamping: batch.records.count))
        let truncated = Set(batch.truncated)
        for (row, record) in batch.records.enumerated() {
            switch record.id {
            case .none: bytes.append(Tag.none)
            case .text(let id):
                bytes.append(Tag.text)
                bytes.appendText(id)
            case .literal(let id):
                bytes.append(Tag.literal)
                bytes.appendText(id)
            }
            bytes.appendInteger(Int64(record.index))
            bytes.append(truncated.contains(row) ? 1 : 0)
        }
        bytes.append(digests == nil ? 0 : 1)
        for digest in digests ?? [] {
            bytes.appendInteger(digest.high)
            bytes.appendInteger(digest.low)
        }
        append(batch.rows, to: &bytes)
        bytes.appendInteger(UInt32(clamping: batch.skipped.count))
        for record in batch.skipped {
            bytes.appendInteger(Int64(record.index))
            bytes.appendText(record.message)
        }
        return bytes
    }

    static func decode(_ bytes: [UInt8]) throws(ByteReader.Malformed) -> (
        batch: RowBatch, digests: [TextDigest]?
    ) {
        var reader = ByteReader(bytes)
        let count = try reader.count(elementSize: 10)
        var records: [Record] = []
        var truncated: [Int] = []
        for row in 0..<count {
            let id: RecordID =
                switch try reader.integer(UInt8.self) {
                case Tag.none: .none
                case Tag.text: .text(try reader.text())
                case Tag.literal: .literal(try reader.text())
                default: throw ByteReader.Malformed()
                }
            let index = Int(try reader.integer(Int64.self))
            if try reader.integer(UInt8.self) == 1 { truncated.append(row) }
            records.append(Record(text: "", id: id, index: index, source: ""))
        }
        var digests: [TextDigest]?
        if try reader.integer(UInt8.self) == 1 {
            var all: [TextDigest] = []
            for _ in 0..<count {
                all.append(TextDigest(high: try reader.integer(), low: try reader.integer()))
            }
            digests = all
        }
        let rows = try rows(&reader)
        guard rows.count == count else { throw ByteReader.Malformed() }
        var skipped: [SkippedRecord] = []
        for _ in 0..<(try reader.count(elementSize: 12)) {
            let index = Int(try reader.integer(Int64.self))
            skipped.append(SkippedRecord(index: index, message: try reader.text()))
        }
        guard reader.isAtEnd else { throw ByteReader.Malformed() }
        return (RowBatch(records: records, rows: rows, skipped: skipped, truncated: truncated), digests)
    }

    private static func append(_ rows: VectorRows, to bytes: inout [UInt8]) {
        switch rows {
        case .dense(let rows):
            bytes.append(0)
            bytes.appendInteger(UInt32(clamping: rows.count))
            bytes.appendInteger(UInt32(clamping: rows.width))
            switch rows.elements {
            case .float32(let values):
                bytes.append(0)
                bytes.appendElements(values)
            case .float16(let values):
                bytes.append(1)
                bytes.appendElements(values)
            case .int8(let values):
                bytes.append(2)
                bytes.appendElements(values)
            case .uint8(let values):
                bytes.append(3)
                bytes.appendElements(values)
            }
        case .sparse(let rows):
            bytes.append(1)
            bytes.appendInteger(UInt32(clamping: rows.count))
            for row in rows {
                bytes.appendInteger(Int64(row.dimensions))
                bytes.appendInteger(UInt32(clamping: row.indices.count))
                bytes.appendElements(row.indices.map { UInt32(clamping: $0) })
                bytes.appendElements(row.values)
                bytes.append(row.tokens == nil ? 0 : 1)
                for token in row.tokens ?? [] { bytes.appendText(token) }
            }
        case .multiVector(let rows):
            bytes.append(2)
            bytes.appendInteger(UInt32(clamping: rows.count))
            bytes.appendInteger(UInt32(clamping: rows.dimensions))
            for tokens in rows.tokens {
                bytes.appendInteger(UInt32(clamping: tokens.count))
                for token in tokens { bytes.appendText(token) }
            }
            bytes.appendElements(rows.vectors)
        }
    }

    private static func rows(_ reader: inout ByteReader) throws(ByteReader.Malformed) -> VectorRows {
        let kind = try reader.integer(UInt8.self)
        let count = Int(try reader.integer(UInt32.self))
        switch kind {
        case 0:
            let width = Int(try reader.integer(UInt32.self))
            let type = try reader.integer(UInt8.self)
            let (total, overflow) = count.multipliedReportingOverflow(by: width)
            guard !overflow else { throw ByteReader.Malformed() }
            let elements: VectorElements =
                switch type {
                case 0: .float32(try reader.elements(total, of: Float.self))
                case 1: .float16(try reader.elements(total, of: UInt16.self))
                case 2: .int8(try reader.elements(total, of: Int8.self))
                case 3: .uint8(try reader.elements(total, of: UInt8.self))
                default: throw ByteReader.Malformed()
                }
            return .dense(DenseRows(count: count, width: width, elements: elements))
        case 1:
            var rows: [SparseRow] = []
            for _ in 0..<count {
                let dimensions = Int(try reader.integer(Int64.self))
                let size = try reader.count(elementSize: 8)
                let indices = try reader.elements(size, of: UInt32.self).map { Int($0) }
                let values = try reader.elements(size, of: Float.self)
                var tokens: [String]?
                if try reader.integer(UInt8.self) == 1 {
                    var all: [String] = []
                    for _ in 0..<size { all.append(try reader.text()) }
                    tokens = all
                }
                rows.append(
                    SparseRow(indices: indices, values: values, dimensions: dimensions, tokens: tokens))
            }
            return .sparse(rows)
        case 2:
            let dimensions = Int(try reader.integer(UInt32.self))
            var tokens: [[String]] = []
            var total = 0
            for _ in 0..<count {
                var row: [String] = []
                for _ in 0..<(try reader.count(elementSize: 4)) { row.append(try reader.text()) }
                total += row.count
                tokens.append(row)
            }
            let (size, overflow) = total.multipliedReportingOverflow(by: dimensions)
            guard !overflow else { throw ByteReader.Malformed() }
            return .multiVector(
                MultiVectorRows(
                    tokens: tokens, dimensions: dimensions, vectors: try reader.elements(size, of: Float.self)
                ))
        default: throw ByteReader.Malformed()
        }
    }
}
