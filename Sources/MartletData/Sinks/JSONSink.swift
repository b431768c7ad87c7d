/// One array of the objects that `jsonl` gives a line each.
struct JSONSink: RecordSink {
    private let output: Output
    private var isEmpty = true
    private var isOpen = false

    init(_ output: Output) { self.output = output }

    mutating func begin(_ schema: VectorSchema) throws(DataError) -> Checkpoint? {
        isOpen = true
        output.buffer.append(UInt8(ascii: "["))
        // apart from the rows, so that the array can be closed even if no row fits on the disk
        try output.flush()
        return nil
    }

    mutating func write(_ batch: RowBatch) throws(DataError) {
        for (row, record) in batch.records.enumerated() {
            output.buffer.append(contentsOf: (isEmpty ? "\n" : ",\n").utf8)
            isEmpty = false
            JSONLSink.append(record, batch.rows, row: row, to: &output.buffer)
            try output.endRow()
        }
    }

    func commit(_ checkpoint: Checkpoint) throws(DataError) { try output.flush() }

    mutating func finish() throws(DataError) {
        guard isOpen else { return }
        isOpen = false
        output.buffer.append(contentsOf: (isEmpty ? "]\n" : "\n]\n").utf8)
        try output.flush()
    }
}

extension OutputFormat {
    /// One JSON array.
    public static let json = OutputFormat(name: "json", endings: ["json"], kinds: Set(VectorKind.allCases)) {
        JSONSink($0)
    }
}
