/// The numbers and nothing else: float32, little-endian, row after row. What identifies the rows goes into a
/// companion.
struct RawSink: RecordSink {
    private let output: Output
    private var companion: Companion?

    init(_ output: Output) { self.output = output }

    mutating func begin(_ schema: VectorSchema) throws(DataError) -> Checkpoint? {
        companion = try Companion(of: output, schema)
        return nil
    }

    mutating func write(_ batch: RowBatch) throws(DataError) {
        guard case .dense(let rows) = batch.rows else { return }
        for row in 0..<rows.count {
            rows.appendBytes(row: row, to: &output.buffer)
            try output.endRow()
        }
        try companion?.add(batch)
    }

    func commit(_ checkpoint: Checkpoint) throws(DataError) { try output.flush() }

    mutating func finish() throws(DataError) {
        try output.flush()
        try companion?.write()
        companion = nil
    }
}

extension OutputFormat {
    /// Bare little-endian float32 numbers.
    public static let f32 = OutputFormat(
        name: "f32", endings: ["f32"], isBinary: true, elementTypes: [.float32], identification: .companion
    ) { RawSink($0) }
}
