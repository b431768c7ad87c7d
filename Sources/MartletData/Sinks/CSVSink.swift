internal import MartletJSON

/// `id,0,1,2,…` and a row for each text; the first column is `index` where the first text has no id.
struct CSVSink: RecordSink {
    private let output: Output
    private var width = 0
    private var hasHeader = true

    init(_ output: Output) { self.output = output }

    mutating func begin(_ schema: VectorSchema) -> Checkpoint? {
        width = schema.width
        hasHeader = false
        return nil
    }

    mutating func write(_ batch: RowBatch) throws(DataError) {
        guard case .dense(let rows) = batch.rows else { return }
        for (row, record) in batch.records.enumerated() {
            if !hasHeader { appendHeader(record.id == .none ? "index" : "id") }
            switch record.id {
            case .none: JSONText.append(record.index, to: &output.buffer)
            case .text(let id): Self.append(id, to: &output.buffer)
            case .literal(let id): output.buffer.append(contentsOf: id.utf8)
            }
            output.buffer.append(UInt8(ascii: ","))
            rows.appendList(row: row, separator: UInt8(ascii: ","), to: &output.buffer)
            output.buffer.append(UInt8(ascii: "\n"))
            try output.endRow()
        }
    }

    func commit(_ checkpoint: Checkpoint) throws(DataError) { try output.flush() }

    mutating func finish() throws(DataError) {
        if !hasHeader { appendHeader("index") }
        try output.flush()
    }

    private mutating func appendHeader(_ first: String) {
        hasHeader = true
        output.buffer.append(contentsOf: first.utf8)
        for column in 0..<width {
            output.buffer.append(UInt8(ascii: ","))
            JSONText.append(column, to: &output.buffer)
        }
        output.buffer.append(UInt8(ascii: "\n"))
    }

    /// In quotes where RFC 4180 asks for them.
    static func append(_ text: String, to buffer: inout [UInt8]) {
        let needsQuotes = text.utf8.contains {
            [UInt8(ascii: ","), UInt8(ascii: "\""), 0x0A, 0x0D].contains($0)
        }
        guard needsQuotes else {
            buffer.append(contentsOf: text.utf8)
            return
        }
        buffer.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") { buffer.append(byte) }
            buffer.append(byte)
        }
        buffer.append(UInt8(ascii: "\""))
    }
}

extension OutputFormat {
    /// Comma-separated values, a column for each dimension.
    public static let csv = OutputFormat(name: "csv", endings: ["csv"]) { CSVSink($0) }
}
