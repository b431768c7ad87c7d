#if Command

/// The numbers and nothing else: float32, little-endian, row after row.
struct RawSink: Sink {
    private let output: Output

    init(_ output: Output) { self.output = output }

    func write(_ record: Record, _ rows: Rows, row: Int) throws(OutputError) {
        rows.appendBytes(row: row, to: &output.buffer)
        try output.endRow()
    }

    func flush() throws(OutputError) { try output.flush() }
    func end() throws(OutputError) { try output.flush() }
}

#endif
