/// Records that a source gives together, in order.
public struct RecordBatch: Sendable {
    /// In the order of the source.
    public var records: [Record]
    /// Records before or among these that could not be read.
    public var skipped: [SkippedRecord]
    /// The position after this batch.
    public var end: Checkpoint
    /// Bytes of the input read so far, for progress; compressed bytes of a compressed input.
    public var bytesRead: Int
    /// Records before or among these that need no vector, as their rows are there.
    package var unchanged = 0

    /// - Parameters:
    ///   - records: In the order of the source.
    ///   - skipped: Records that cannot be read.
    ///   - end: The position after the last record.
    ///   - bytesRead: Bytes of the input read so far, for progress.
    public init(records: [Record], skipped: [SkippedRecord] = [], end: Checkpoint, bytesRead: Int = 0) {
        self.records = records
        self.skipped = skipped
        self.end = end
        self.bytesRead = bytesRead
    }
}
