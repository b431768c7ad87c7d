internal import MartletJSON

/// `{"id":…,"embedding":[…]}` on each line; `"index"` counts the inputs where they have no id. With token
/// vectors `"tokens":[…]` precedes the embedding, which is a list of as many vectors. A sparse vector is
/// `"indices":[…],"values":[…]`.
struct JSONLSink: RecordSink {
    private let output: Output

    init(_ output: Output) { self.output = output }

    func begin(_ schema: VectorSchema) -> Checkpoint? { nil }

    func write(_ batch: RowBatch) throws(DataError) {
        for (row, record) in batch.records.enumerated() {
            Self.append(record, batch.rows, row: row, to: &output.buffer)
            output.buffer.append(UInt8(ascii: "\n"))
            try output.endRow()
        }
    }

    func commit(_ checkpoint: Checkpoint) throws(DataError) { try output.flush() }
    func finish() throws(DataError) { try output.flush() }

    static func append(_ record: Record, _ rows: VectorRows, row: Int, to buffer: inout [UInt8]) {
        switch record.id {
        case .none:
            buffer.append(contentsOf: "{\"index\":".utf8)
            JSONText.append(record.index, to: &buffer)
        case .text(let id):
            buffer.append(contentsOf: "{\"id\":".utf8)
            JSONText.append(id, to: &buffer)
        case .literal(let id):
            buffer.append(contentsOf: "{\"id\":".utf8)
            buffer.append(contentsOf: id.utf8)
        }
        switch rows {
        case .dense(let rows):
            buffer.append(contentsOf: ",\"embedding\":".utf8)
            rows.appendJSON(row: row, to: &buffer)
        case .sparse(let rows): rows[row].appendMembers(to: &buffer)
        case .multiVector(let rows): rows.appendMembers(row: row, to: &buffer)
        }
        buffer.append(UInt8(ascii: "}"))
    }
}

extension OutputFormat {
    /// A JSON object on each line.
    public static let jsonl = OutputFormat(
        name: "jsonl", endings: ["jsonl", "ndjson"], kinds: Set(VectorKind.allCases)
    ) {
        JSONLSink($0)
    }
}
