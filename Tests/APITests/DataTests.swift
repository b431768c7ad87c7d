import Martlet
import MartletData
import Testing

/// A source of a user's own: numbers, in batches of two.
private struct CountingSource: RecordSource {
    let count: Int

    func batches(after checkpoint: Checkpoint?) -> AsyncThrowingStream<RecordBatch, any Error> {
        AsyncThrowingStream { stream in
            var index = checkpoint?.index ?? 0
            while index < count {
                let end = min(index + 2, count)
                let records = (index..<end).map { index in
                    Record(text: String(repeating: "a", count: index), index: index, source: "numbers")
                }
                stream.yield(RecordBatch(records: records, end: Checkpoint(source: "numbers", index: end)))
                index = end
            }
            stream.finish()
        }
    }
}

/// A sink of a user's own: it keeps its rows in memory.
private struct ArraySink: RecordSink {
    var rows: [[Float]] = []
    var committed: Checkpoint?
    var isFinished = false

    mutating func begin(_ schema: VectorSchema) async throws -> Checkpoint? { committed }

    mutating func write(_ batch: RowBatch) async throws {
        guard case .dense(let rows) = batch.rows, case .float32(let values) = rows.elements else { return }
        for row in 0..<rows.count {
            self.rows.append(Array(values[row * rows.width..<(row + 1) * rows.width]))
        }
    }

    mutating func commit(_ checkpoint: Checkpoint) async throws { committed = checkpoint }
    mutating func finish() async throws { isFinished = true }
}

/// A source and a sink of a user's own, with a model between them.
@Suite struct DataTests {
    /// Embeds what is left of the source and commits after each batch, up to `limit` batches.
    private func run(_ sink: inout ArraySink, limit: Int) async throws {
        let model = LetterCounts()
        let schema = VectorSchema(width: 3, identity: model.identity)
        let start = try await sink.begin(schema)
        var batches = 0
        for try await batch in CountingSource(count: 7).batches(after: start) {
            if batches == limit { return }
            let vectors = try await model.embed(batch.records.map(\.text))
            let rows = DenseRows(count: vectors.count, width: 3, elements: .float32(vectors.floats))
            try await sink.write(RowBatch(records: batch.records, rows: .dense(rows)))
            try await sink.commit(batch.end)
            batches += 1
        }
        try await sink.finish()
    }

    @Test func aRunGoesOnFromItsCheckpoint() async throws {
        var sink = ArraySink()
        try await run(&sink, limit: 2)
        #expect(sink.rows.count == 4 && !sink.isFinished && sink.committed?.index == 4)
        try await run(&sink, limit: .max)
        #expect(sink.rows.map { $0[0] } == [0, 1, 2, 3, 4, 5, 6] && sink.isFinished)
    }

    @Test func textsThatAreGivenAreRecords() async throws {
        let source = FileSource([.text("one", name: "first"), .text("two", name: "second")])
        var texts: [String] = []
        for try await batch in source.batches(after: nil) { texts += batch.records.map(\.text) }
        #expect(texts == ["one", "two"])
    }

    @Test func formatsAreFoundByName() throws {
        #expect(InputFormat.forFile("x/corpus.jsonl.gz")?.name == "jsonl")
        #expect(OutputFormat.forFile("vectors.parquet")?.name == "parquet")
        #expect(OutputFormat.forFile("vectors.pdf") == nil)
    }
}
