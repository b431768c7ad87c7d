#if Command

import Synchronization

/// Records that are embedded together.
struct RecordBlock: Sendable {
    var records: [Record] = []
    /// Bytes of input read when the chunk was complete.
    var bytesRead = 0
    /// Records before or among these that could not be read, with `--on-error skip`.
    var skipped: [String] = []
    /// What ended the input early, after these records.
    var failure: CommandError?
}

/// How many texts make a chunk. It follows the speed of the model so that rows come out about twice a second; no result depends on it.
final class RecordBlockSize: Sendable {
    static let maxBytes = 4 << 20
    private static let range = 32...16384
    private static let secondsPerChunk = 0.5
    private let value = Atomic<Int>(64)

    var texts: Int { value.load(ordering: .relaxed) }

    /// `count` texts took `seconds`.
    func observe(count: Int, seconds: Double) {
        let current = texts
        guard count >= current / 2, seconds > 0 else { return }
        let fitting = Double(count) * Self.secondsPerChunk / seconds
        let next = Int(min(max(fitting, Double(current) / 2), Double(current) * 2))
        value.store(min(max(next, Self.range.lowerBound), Self.range.upperBound), ordering: .relaxed)
    }
}

/// Collects records into chunks: up to the wanted number, 4 MiB of text, or what has arrived on a slow pipe.
struct ChunkReader {
    private var reader: InputReader
    private let size: RecordBlockSize
    private let skipsErrors: Bool
    private var isDone = false

    init(_ plan: InputPlan, size: RecordBlockSize, skipsErrors: Bool) {
        reader = InputReader(plan)
        self.size = size
        self.skipsErrors = skipsErrors
    }

    /// The next chunk, nil after the last.
    mutating func next() -> RecordBlock? {
        guard !isDone else { return nil }
        var chunk = RecordBlock()
        var bytes = 0
        let wanted = size.texts
        collecting: while chunk.records.count < wanted, bytes < RecordBlockSize.maxBytes {
            do throws(InputError) {
                switch try reader.next(waiting: chunk.records.isEmpty && chunk.skipped.isEmpty) {
                case .record(let record):
                    bytes += record.text.utf8.count
                    chunk.records.append(record)
                case .idle: break collecting
                case .end:
                    isDone = true
                    break collecting
                }
            } catch {
                guard skipsErrors, error.isRecoverable else {
                    chunk.failure = CommandError(error.message)
                    isDone = true
                    break collecting
                }
                chunk.skipped.append(error.message)
                if chunk.skipped.count >= wanted { break collecting }
            }
        }
        chunk.bytesRead = reader.bytesRead
        return chunk
    }
}

#endif
