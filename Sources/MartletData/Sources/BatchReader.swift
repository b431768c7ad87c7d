/// Collects records into batches: up to the wanted number, 4 MiB of text, or what has arrived on a slow pipe.
/// Blocks its thread.
struct BatchReader {
    private var reader: InputReader
    private let digest: String
    private let size: BatchSize
    private let skipsBadRecords: Bool
    private var failure: DataError?
    private var isDone = false

    init(_ source: FileSource, after checkpoint: Checkpoint?) throws(DataError) {
        reader = InputReader(source)
        size = source.batchSize
        skipsBadRecords = source.badRecords == .skip
        let digest = source.digest
        if let checkpoint {
            guard let digest else {
                throw DataError(
                    .changedInput, at: "input", "is a stream, which cannot be read again from the middle",
                    remedies: [.advice("put it into a file")])
            }
            guard checkpoint.source == digest else {
                throw DataError(
                    .changedInput, at: "input",
                    "has changed since the checkpoint: a file, its size or time, a format or a field",
                    remedies: [.advice("start from the beginning")])
            }
            try reader.skip(to: checkpoint)
        }
        self.digest = digest ?? "stream"
    }

    /// The next batch, nil after the last. An error comes after the batch that holds the records before it.
    mutating func next() throws(DataError) -> RecordBatch? {
        if let failure { throw failure }
        guard !isDone else { return nil }
        var records: [Record] = []
        var skipped: [SkippedRecord] = []
        var bytes = 0
        let (wanted, mostBytes) = (size.texts, size.maxBytes)
        var end = reader.checkpoint(digest: digest)
        collecting: while records.count < wanted, bytes < mostBytes {
            let index = reader.index
            do throws(DataError) {
                switch try reader.next(waiting: records.isEmpty && skipped.isEmpty) {
                case .record(let record):
                    bytes += record.text.utf8.count
                    records.append(record)
                case .idle: break collecting
                case .end:
                    isDone = true
                    end = reader.checkpoint(digest: digest)
                    break collecting
                }
            } catch {
                guard skipsBadRecords, error.isRecoverable else {
                    failure = error
                    break collecting
                }
                skipped.append(SkippedRecord(index: index, message: "\(error.place): \(error.reason)"))
                if skipped.count >= wanted {
                    end = reader.checkpoint(digest: digest)
                    break collecting
                }
            }
            end = reader.checkpoint(digest: digest)
        }
        if let failure, records.isEmpty, skipped.isEmpty { throw failure }
        return RecordBatch(records: records, skipped: skipped, end: end, bytesRead: reader.bytesRead)
    }
}
