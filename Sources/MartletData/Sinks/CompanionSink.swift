/// Rows of any format, and `NAME.meta.json` beside them: the identity of the model, ids, skipped and
/// truncated rows.
struct CompanionSink: RecordSink {
    private let output: Output
    private var sink: any RecordSink
    private var companion: Companion?

    init(_ sink: any RecordSink, besides output: Output) {
        self.sink = sink
        self.output = output
    }

    nonisolated(nonsending) mutating func begin(_ schema: VectorSchema) async throws -> Checkpoint? {
        companion = try Companion(of: output, schema)
        return try await sink.begin(schema)
    }

    nonisolated(nonsending) mutating func write(_ batch: RowBatch) async throws {
        try await sink.write(batch)
        try companion?.add(batch)
    }

    nonisolated(nonsending) mutating func commit(_ checkpoint: Checkpoint) async throws {
        try await sink.commit(checkpoint)
    }

    nonisolated(nonsending) mutating func finish() async throws {
        try await sink.finish()
        try companion?.write()
        companion = nil
    }
}
