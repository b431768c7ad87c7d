extension RecordPipeline where Output == VectorRows {
    /// Runs to the end of the source and into a sink, which is finished in every case: everything before an
    /// error is written.
    ///
    /// - Throws: The sink's error, if it has one, before that of the source or the model.
    nonisolated(nonsending) package func run(
        after checkpoint: Checkpoint? = nil, into writer: SinkWriter
    ) async throws -> RunCounts {
        let counts: RunCounts
        do {
            counts = try await run(after: checkpoint) { delivery in
                let batch = RowBatch(
                    records: delivery.records, rows: delivery.output ?? .none, skipped: delivery.skipped,
                    truncated: delivery.truncated)
                try await writer.write(batch, committing: delivery.checkpoint)
            }
        } catch {
            try await writer.finish()
            throw error
        }
        try await writer.finish()
        return counts
    }
}

extension VectorRows {
    /// No rows.
    fileprivate static var none: VectorRows { .dense(DenseRows(count: 0, width: 0, elements: .float32([]))) }
}
