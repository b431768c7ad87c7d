import Martlet
import MartletData
import MartletIndex
import MartletTestSupport
import Testing

@testable import MartletJobs

@Suite struct CollectionSinkTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = "\(folder.path)/c.martlet"
    }

    private func schema(_ weights: String = "test:1", width: Int = 2) -> VectorSchema {
        VectorSchema(
            width: width,
            identity: ModelIdentity(
                space: VectorSpace(model: "test", weights: weights, dimensions: width),
                computation: Computation(precision: "f32", device: "cpu")))
    }

    private func batch(_ range: Range<Int>) -> RowBatch {
        let records = range.map {
            MartletData.Record(
                text: "text \($0)", id: $0 == 3 ? .none : .text("r\($0)"), index: $0, source: "in.jsonl",
                line: $0 + 1)
        }
        let floats: [Float] = range.flatMap { [Float($0), 1] }
        return RowBatch(
            records: records,
            rows: .dense(DenseRows(count: records.count, width: 2, elements: .float32(floats))))
    }

    private func checkpoint(_ index: Int) -> Checkpoint {
        Checkpoint(source: "s", index: index, offset: index)
    }

    private func stored() throws -> Int { try SearchCollection(opening: path).snapshot().count }

    @Test func `rows and the position are one commit`() async throws {
        let destination = CollectionDestination(path: path, source: "job")
        var sink = CollectionSink(path: path, source: "job", rowsOfCommit: 20)
        #expect(try sink.begin(schema()) == nil)
        for first in stride(from: 0, to: 30, by: 10) {
            try sink.write(batch(first..<first + 10))
            try sink.commit(checkpoint(first + 10))
        }
        // As after a crash: the last ten rows were not stored, and no writer has the collection.
        sink = CollectionSink(path: path, source: "job", rowsOfCommit: 20)
        #expect(try stored() == 20)
        #expect(try sink.begin(schema()) == checkpoint(20))
        try sink.write(batch(20..<30))
        try sink.commit(checkpoint(30))
        // Rows after the last position are of no commit.
        try sink.write(batch(30..<35))
        var copy = sink
        try copy.finish()
        #expect(try stored() == 30)
        // The first sink still exists, and does not keep the collection.
        try await destination.complete()
        try sink.finish()
        var again = CollectionSink(path: path, source: "job")
        #expect(try again.begin(schema()) == nil)
        try again.write(batch(0..<35))
        try again.commit(checkpoint(35))
        try again.finish()
        #expect(try stored() == 35)
    }

    @Test func `a search finds the rows by vector and by word`() async throws {
        var sink = CollectionSink(path: path, source: "job")
        _ = try sink.begin(schema())
        try sink.write(batch(0..<6))
        try sink.commit(checkpoint(6))
        try sink.finish()
        let snapshot = try SearchCollection(opening: path).snapshot()
        let hits = try snapshot.search(SearchRequest(vector: [0, 1], count: 1))
        #expect(hits.map(\.id) == ["r0"] && hits.first?.text == "text 0")
        let ids = try snapshot.search(SearchRequest(vector: [1, 0], count: 6)).map(\.id)
        #expect(ids.contains("in.jsonl#4"))
    }

    @Test func `another model, another source and another writer are told apart`() async throws {
        var sink = CollectionSink(path: path, source: "job", rowsOfCommit: 1)
        _ = try sink.begin(schema())
        try sink.write(batch(0..<2))
        try sink.commit(checkpoint(2))
        var second = CollectionSink(path: path, source: "job")
        #expect(throws: IndexError.self) { try second.begin(schema()) }
        try sink.finish()
        var other = CollectionSink(path: path, source: "other job")
        #expect(try other.begin(schema()) == nil)
        try other.finish()
        for schema in [schema("test:2"), schema(width: 3)] {
            var sink = CollectionSink(path: path, source: "job")
            let error = #expect(throws: DataError.self) { try sink.begin(schema) }
            #expect(error?.code == .changedInput)
        }
    }

    @Test func `a row that the collection refuses is named`() async throws {
        var sink = CollectionSink(path: path, source: "job", rowsOfCommit: 1)
        _ = try sink.begin(schema())
        var bad = batch(0..<3)
        bad.records[2].id = .text("")
        try sink.write(bad)
        let error = #expect(throws: DataError.self) { try sink.commit(checkpoint(3)) }
        #expect(error?.place == "in.jsonl:3")
    }
}
