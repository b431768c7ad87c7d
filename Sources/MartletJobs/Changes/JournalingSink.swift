import MartletData

/// Adds the rows of a sink to a journal of changes once they are committed.
package struct JournalingSink: RecordSink {
    private var base: any RecordSink
    private let journal: ChangeJournal
    private var waiting: [Record] = []

    package init(_ base: any RecordSink, journal: ChangeJournal) {
        self.base = base
        self.journal = journal
    }

    /// - Returns: nil: the journal says which rows are there, and the source is read from its beginning.
    nonisolated(nonsending) package mutating func begin(_ schema: VectorSchema) async throws -> Checkpoint? {
        _ = try await base.begin(schema)
        return nil
    }

    nonisolated(nonsending) package mutating func write(_ batch: RowBatch) async throws {
        try await base.write(batch)
        waiting += batch.records
    }

    nonisolated(nonsending) package mutating func commit(_ checkpoint: Checkpoint) async throws {
        try await base.commit(checkpoint)
        try journal.add(waiting)
        waiting = []
    }

    nonisolated(nonsending) package mutating func finish() async throws { try await base.finish() }
}
