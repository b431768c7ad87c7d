/// Where rows go: a file, a table, an index, or a type of the user's own.
///
/// `begin`, then any number of `write` and `commit`, then `finish`, also after an error or an interruption,
/// so that what was written can be read. One task at a time uses a sink.
public protocol RecordSink {
    /// Gets ready for rows of that schema.
    /// - Returns: The position in the source after the last row that the sink already holds; nil: from the
    ///   beginning.
    /// - Throws: If the sink holds rows of another model or shape.
    nonisolated(nonsending) mutating func begin(_ schema: VectorSchema) async throws -> Checkpoint?

    /// Takes rows, in the order of the source.
    nonisolated(nonsending) mutating func write(_ batch: RowBatch) async throws

    /// All rows before `checkpoint` have been given: makes them visible to readers, and `checkpoint` the
    /// place to go on from.
    nonisolated(nonsending) mutating func commit(_ checkpoint: Checkpoint) async throws

    /// Writes what goes after the last row. Later calls do nothing.
    nonisolated(nonsending) mutating func finish() async throws
}
