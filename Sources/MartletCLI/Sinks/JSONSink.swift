#if Command

/// One array of the objects that `jsonl` gives a line each.
struct JSONSink: Sink {
    private let output: Output
    private var isEmpty = true

    init(_ output: Output) throws(OutputError) {
        self.output = output
        output.buffer.append(UInt8(ascii: "["))
        try output.flush()  // apart from the rows, so that the array can be closed even if no row fits on the disk
    }

    mutating func write(_ record: Record, _ rows: Rows, row: Int) throws(OutputError) {
        output.buffer.append(contentsOf: (isEmpty ? "\n" : ",\n").utf8)
        isEmpty = false
        JSONLSink.append(record, rows, row, to: &output.buffer)
        try output.endRow()
    }

    func flush() throws(OutputError) { try output.flush() }

    func end() throws(OutputError) {
        output.buffer.append(contentsOf: (isEmpty ? "]\n" : "\n]\n").utf8)
        try output.flush()
    }
}

#endif
