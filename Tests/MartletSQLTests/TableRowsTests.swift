import Martlet
import MartletData
import MartletTestSupport
import Testing

@testable import MartletSQL

private let hasSQLite = (try? SQLiteLibrary.load()) != nil

/// A job goes on in a table that still has what it wrote.
@Suite(.enabled(if: hasSQLite, "the system has no libsqlite3")) struct TableRowsTests {
    private let folder: TemporaryFolder
    private let path: String
    private let schema = VectorSchema(
        width: 1,
        identity: ModelIdentity(
            space: VectorSpace(model: "test", weights: "test:1", dimensions: 1),
            computation: Computation(precision: "f32", device: "cpu")))

    init() throws {
        folder = try TemporaryFolder()
        path = "\(folder.path)/out.db"
    }

    /// Writes rows of these ids, and is interrupted after them.
    private func write(_ ids: [Int], source: String = "s", isJournaled: Bool = false) throws -> Checkpoint? {
        var sink = SQLiteSink(path: path, table: "v", source: source, isJournaled: isJournaled)
        let start = try sink.begin(schema)
        let records = ids.map { Record(text: "", id: .literal("\($0)"), index: $0, source: "in") }
        let values = ids.map { Float($0) }
        try sink.write(
            RowBatch(
                records: records,
                rows: .dense(DenseRows(count: ids.count, width: 1, elements: .float32(values)))))
        try sink.commit(Checkpoint(source: source, index: (start?.index ?? 0) + ids.count))
        try sink.finish()
        return start
    }

    private func change(_ sql: String) throws { try SQLiteDatabase(path, for: .writing).execute(sql) }

    @Test func `rows that replace others are not counted twice`() throws {
        #expect(try write([1, 2, 3, 2]) == nil)
        #expect(try write([3, 4])?.index == 4)
        #expect(try write([])?.index == 6)
    }

    @Test func `a job is refused where rows are missing, and begins again in an empty table`() throws {
        _ = try write([7, 8, 9], source: "another")
        #expect(try write([1, 2, 3]) == nil)
        try change("DELETE FROM v WHERE id = 2")
        let error = #expect(throws: DataError.self) { try write([4]) }
        #expect(error?.code == .changedInput)
        #expect(error?.description.contains("has 5 of the 6 rows") == true, "\(String(describing: error))")
        try change("DELETE FROM v")
        #expect(try write([1]) == nil)
    }

    /// Its rows are counted by nobody, so no run after it can miss some.
    @Test func `a run with a journal uses no position and may remove rows`() throws {
        #expect(try write([1, 2, 3], isJournaled: true) == nil)
        try SQLiteSink(path: path, table: "v", source: "s").remove([.literal("2")])
        #expect(try write([3, 4], isJournaled: true) == nil)
        #expect(try write([])?.index == 2)
    }

    @Test func `a number and a text are two rows of a plain table`() {
        let sink = SQLiteSink(path: path, table: "v", source: "s")
        func key(_ id: RecordID) -> RecordID {
            sink.key(of: Record(text: "", id: id, index: 4, source: "in"))
        }
        #expect(key(.literal("1")) != key(.text("1")) && key(.none) == key(.literal("4")))
        let extended = SQLiteSink(path: path, table: "v", source: "s", vectorExtension: "vec0")
        let record = Record(text: "", id: .literal("1"), index: 4, source: "in")
        #expect(extended.key(of: record) == .text("1"))
    }
}
