import MartletData

/// One batch from the beginning to the end of a sink.
func writeAll(_ batch: RowBatch, to sink: any RecordSink, _ schema: VectorSchema) async throws {
    var sink = sink
    _ = try await sink.begin(schema)
    try await sink.write(batch)
    try await sink.finish()
    try await sink.finish()
}
