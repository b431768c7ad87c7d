import Martlet
import MartletData
import MartletJobs
import Synchronization
import Testing

/// What a sink of a user's own keeps: a table that outlives the run.
private final class Table: Sendable {
    struct Contents: Sendable {
        var rows: [String: [Float]] = [:]
        var position: Checkpoint?
        var isFinished = false
    }

    let contents = Mutex(Contents())
}

private struct TableSink: RecordSink {
    let table: Table
    /// Commits after which the sink fails.
    var limit = Int.max

    struct Full: Error {}

    mutating func begin(_ schema: VectorSchema) async throws -> Checkpoint? {
        guard schema.identity?.space.model == "letter-counts" else { throw Full() }
        return table.contents.withLock { $0.position }
    }

    mutating func write(_ batch: RowBatch) async throws {
        guard limit > 0 else { throw Full() }
        guard case .dense(let rows) = batch.rows, case .float32(let values) = rows.elements else { return }
        table.contents.withLock { contents in
            for (row, record) in batch.records.enumerated() {
                contents.rows[record.text] = Array(values[row * rows.width..<(row + 1) * rows.width])
            }
        }
    }

    mutating func commit(_ checkpoint: Checkpoint) async throws {
        limit -= 1
        table.contents.withLock { $0.position = checkpoint }
    }

    mutating func finish() async throws { table.contents.withLock { $0.isFinished = true } }
}

/// A job with a source, a model and a sink of a user's own.
@Suite struct JobTests {
    private let source = NumberSource(count: 9)

    @Test func aJobGoesOnAfterTheLastCommitOfItsSink() async throws {
        let table = Table()
        let job = EmbeddingJob(source, model: LetterCounts())
        await #expect(throws: TableSink.Full.self) {
            try await job.run(into: TableSink(table: table, limit: 2))
        }
        #expect(table.contents.withLock { $0.rows.count == 4 && $0.isFinished && $0.position?.index == 4 })
        let result = try await job.run(into: TableSink(table: table))
        #expect(result.recordsBefore == 4 && result.texts == 5)
        #expect(table.contents.withLock { $0.rows.count } == 9)
        #expect(table.contents.withLock { $0.rows["aaa"] } == [3, 0, 0])
    }

    @Test func recordsThatTheModelRefusesAreLeftOut() async throws {
        let table = Table()
        let texts: [FileSource.Input] = ["a", "bad", "c"].map { .text($0, name: "argument") }
        var job = EmbeddingJob(FileSource(texts), model: LetterCounts())
        await #expect(throws: DataError.self) { try await job.run(into: TableSink(table: table)) }
        let skipped = Mutex<[String]>([])
        job.badRecords = .skip
        job.onSkip = { message in skipped.withLock { $0.append(message) } }
        let result = try await job.run(into: TableSink(table: table))
        #expect(result.texts == 2 && result.skipped == 1)
        #expect(skipped.withLock { $0 }.count == 1)
        #expect(table.contents.withLock { $0.rows.keys.sorted() } == ["a", "c"])
    }
}

/// Texts of one letter, in batches of two.
private struct NumberSource: RecordSource {
    let count: Int

    func batches(after checkpoint: Checkpoint?) -> AsyncThrowingStream<RecordBatch, any Error> {
        AsyncThrowingStream { stream in
            for index in stride(from: checkpoint?.index ?? 0, to: count, by: 2) {
                let end = min(index + 2, count)
                let records = (index..<end).map {
                    Record(text: String(repeating: "a", count: $0), index: $0, source: "numbers")
                }
                stream.yield(RecordBatch(records: records, end: Checkpoint(source: "numbers", index: end)))
            }
            stream.finish()
        }
    }
}
