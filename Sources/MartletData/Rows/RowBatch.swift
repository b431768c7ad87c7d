/// Rows with the records that they belong to, as a sink gets them.
public struct RowBatch: Sendable, Equatable {
    /// The records of the rows, in the order of the source.
    public var records: [Record]
    /// As many rows as records.
    public var rows: VectorRows
    /// Records before or among these that have no row.
    public var skipped: [SkippedRecord]
    /// Positions in `records` of texts that were longer than the model takes and were cut.
    public var truncated: [Int]

    /// - Parameters:
    ///   - records: As many as rows.
    ///   - rows: The vectors.
    ///   - skipped: Records before or among these that have no row.
    ///   - truncated: Positions of texts that were cut.
    public init(records: [Record], rows: VectorRows, skipped: [SkippedRecord] = [], truncated: [Int] = []) {
        self.records = records
        self.rows = rows
        self.skipped = skipped
        self.truncated = truncated
    }
}
