import Martlet
import MartletData
import MartletTestSupport
import Testing

@testable import MartletSQL

private let hasSQLite = (try? SQLiteLibrary.load()) != nil

/// With the system's libsqlite3.
@Suite(.enabled(if: hasSQLite, "the system has no libsqlite3")) struct SQLiteTests {
    private let folder: TemporaryFolder
    private let path: String
    private let schema = VectorSchema(width: 2, identity: identity())

    init() throws {
        folder = try TemporaryFolder()
        path = "\(folder.path)/chat.db"
        let database = try SQLiteDatabase(path, for: .writing)
        try database.execute("CREATE TABLE messages (id INTEGER PRIMARY KEY, body, name TEXT)")
        try database.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) "
                + "INSERT INTO messages SELECT i * 2, 'text ' || i, 'n' || printf('%04d', i) FROM n")
    }

    @Test func anExtensionThatCannotBeLoadedSaysWhy() throws {
        let error = #expect(throws: DataError.self) {
            try SQLiteDatabase(path, for: .writing).loadExtension("\(folder.path)/none.so")
        }
        #expect(error?.reason.contains("not an error") == false && error?.reason.contains("none.so") == true)
    }

    private static func identity(_ weights: String = "test:1") -> ModelIdentity {
        ModelIdentity(
            space: VectorSpace(model: "test", weights: weights, dimensions: 2),
            computation: Computation(precision: "f32", device: "cpu"))
    }

    private func source(_ query: String, id: String? = nil, text: String? = nil, skips: Bool = false)
        -> SQLiteSource
    {
        var query = DatabaseQuery(query, text: text, id: id)
        query.badRecords = skips ? .skip : .stop
        return SQLiteSource(path: path, query: query)
    }

    private func read(_ source: SQLiteSource, after checkpoint: Checkpoint? = nil) async throws -> (
        records: [Record], ends: [Checkpoint]
    ) {
        var result: ([Record], [Checkpoint]) = ([], [])
        for try await batch in source.batches(after: checkpoint) {
            result.0 += batch.records
            result.1.append(batch.end)
        }
        return result
    }

    private func change(_ sql: String) throws { try SQLiteDatabase(path, for: .writing).execute(sql) }

    @Test(arguments: [
        "SELECT id, body FROM messages ORDER BY id", "SELECT name, body FROM messages ORDER BY name;",
        "SELECT id, body FROM messages WHERE id > 10 ORDER BY id LIMIT 250",
    ])
    func `an ordered query goes on after its last id, also when rows were added`(query: String) async throws {
        let all = try await read(source(query))
        #expect(all.ends.count > 2 && all.ends.allSatisfy { $0.key != nil })
        for end in all.ends {
            #expect(
                try await read(source(query), after: end).records.map(\.id)
                    == all.records.dropFirst(end.index).map(\.id))
        }
        guard !query.contains("LIMIT") else { return }
        try change("INSERT INTO messages VALUES (9000, 'late', 'z')")
        let rest = try await read(source(query), after: all.ends.last).records
        #expect(rest.map(\.text) == ["late"] && rest.map(\.index) == [300])
    }

    @Test func `a query with parameters goes on with the same values`() async throws {
        var query = DatabaseQuery("SELECT id, body FROM messages WHERE id > ?1 AND name <> ?2 ORDER BY id")
        query.parameters = ["10", "n0100"]
        let source = SQLiteSource(path: path, query: query)
        let all = try await read(source)
        #expect(all.records.count == 294 && all.records.first?.id == .literal("12"))
        let end = all.ends[0]
        #expect(try await read(source, after: end).records == Array(all.records.dropFirst(end.index)))
        query.parameters = ["12", "n0100"]
        let error = await #expect(throws: DataError.self) {
            try await read(SQLiteSource(path: path, query: query), after: end)
        }
        #expect(error?.code == .changedInput)
        query.parameters = ["12"]
        let missing = #expect(throws: DataError.self) { try SQLiteSource(path: path, query: query).check() }
        #expect(missing?.description.contains("parameters of the query: 2; values given: 1") == true)
    }

    @Test func `of two columns the one called id is the id, wherever it is`() async throws {
        for query in ["SELECT id, body FROM messages LIMIT 1", "SELECT body, id FROM messages LIMIT 1"] {
            let record = try #require(try await read(source(query)).records.first)
            #expect(record.id == .literal("2") && record.text.hasPrefix("text"), "\(query): \(record)")
        }
        let others = "SELECT id AS key, body FROM messages LIMIT 1"
        #expect(try await read(source(others)).records.first?.text.hasPrefix("text") == true)
    }

    @Test func `another order goes on by position, and is refused after a change`() async throws {
        let query = "SELECT id, body FROM messages ORDER BY id DESC"
        let all = try await read(source(query))
        let end = all.ends[0]
        #expect(end.key == nil && end.offset == 64)
        #expect(try await read(source(query), after: end).records == Array(all.records.dropFirst(64)))
        try change("INSERT INTO messages VALUES (9000, 'late', 'z')")
        let error = await #expect(throws: DataError.self) { try await read(source(query), after: end) }
        #expect(error?.code == .changedInput)
        await #expect(throws: DataError.self) {
            try await read(source("SELECT id, body FROM messages"), after: end)
        }
    }

    @Test func `values of all types are read or refused by row`() async throws {
        try change("DELETE FROM messages")
        try change(
            "INSERT INTO messages VALUES (1, 'é', 'a'), (2, 7, NULL), (3, 1.5, 'c'), (4, NULL, 'd'), (5, x'00', 'e')"
        )
        let found = try await read(source("SELECT id, body FROM messages", skips: true)).records
        #expect(found.map(\.text) == ["é", "7", "1.5"])
        #expect(found.map(\.id) == [.literal("1"), .literal("2"), .literal("3")])
        let error = await #expect(throws: DataError.self) {
            try await read(source("SELECT id, body FROM messages"))
        }
        #expect(error?.description.contains("row 4 of the query: the text is NULL") == true)
    }

    @Test(arguments: [
        ("SELECT bogus FROM messages", "no such column: bogus"), ("DELETE FROM messages", "give a SELECT"),
        ("SELECT 1; SELECT 2", "more than one statement"), ("", "empty"),
        ("SELECT id, body, name FROM messages", "has no column \"text\""),
        ("SELECT body AS text, name AS text FROM messages", "has 2 columns \"text\""),
    ])
    func `a wrong query is an error with the database's words`(query: String, words: String) {
        let error = #expect(throws: DataError.self) { try source(query).check() }
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }

    private func rows(_ range: Range<Int>, shift: Float = 0) -> RowBatch {
        let records = range.map {
            Record(text: "", id: $0 % 2 == 0 ? .text("r\($0)") : .literal("\($0)"), index: $0, source: "in")
        }
        return RowBatch(
            records: records,
            rows: .dense(
                DenseRows(
                    count: records.count, width: 2,
                    elements: .float32(range.flatMap { [Float($0) + shift, 0.5] }))))
    }

    private func stored(_ table: String = "v") throws -> [String] {
        let database = try SQLiteDatabase("\(folder.path)/out.db", for: .reading)
        let statement = try SQLiteStatement(
            database, "SELECT typeof(id) || ' ' || id || ' ' || hex(embedding) FROM \(table) ORDER BY 1")
        var result: [String] = []
        while try statement.step() {
            if case .text(let text) = try statement.value(0) { result.append(text) }
        }
        return result
    }

    private func sink(_ table: String = "v", source: String = "s") -> SQLiteSink {
        SQLiteSink(path: "\(folder.path)/out.db", table: table, source: source)
    }

    @Test func `rows and position are of one transaction`() throws {
        var first = sink()
        #expect(try first.begin(schema) == nil)
        try first.write(rows(0..<3))
        try first.commit(Checkpoint(source: "s", index: 3, key: "k"))
        try first.write(rows(3..<5))
        try first.finish()  // without a commit
        #expect(
            try stored() == [
                "integer 1 0000803F0000003F", "text r0 000000000000003F", "text r2 000000400000003F",
            ])
        var second = sink()
        #expect(try second.begin(schema) == Checkpoint(source: "s", index: 3, key: "k"))
        try second.write(rows(1..<4, shift: 1))
        try second.commit(Checkpoint(source: "s", index: 4))
        try second.finish()
        try second.complete()
        #expect(
            try stored() == [
                "integer 1 000000400000003F", "integer 3 000080400000003F", "text r0 000000000000003F",
                "text r2 000040400000003F",
            ])
        var third = sink()
        #expect(try third.begin(schema) == nil)
        try third.finish()
    }

    @Test func `another model and a foreign table are refused, another source begins anew`() throws {
        var first = sink()
        _ = try first.begin(schema)
        try first.write(rows(0..<1))
        try first.commit(Checkpoint(source: "s", index: 1))
        try first.finish()
        var other = sink()
        let error = #expect(throws: DataError.self) {
            try other.begin(VectorSchema(width: 2, identity: Self.identity("test:2")))
        }
        #expect(error?.reason.contains("test:2") == true)
        var elsewhere = sink(source: "another")
        #expect(try elsewhere.begin(schema) == nil)
        try elsewhere.finish()
        try SQLiteDatabase("\(folder.path)/out.db", for: .writing).execute(
            "CREATE TABLE theirs (id, embedding)")
        var foreign = sink("theirs")
        #expect(throws: DataError.self) { try foreign.begin(schema) }
        var half = sink("w")
        #expect(throws: DataError.self) { try half.begin(VectorSchema(width: 2, elementType: .float16)) }
    }

    @Test func `names are quoted`() throws {
        var odd = sink("a\"b; DROP TABLE v")
        _ = try odd.begin(schema)
        try odd.write(rows(0..<1))
        try odd.commit(Checkpoint(source: "s", index: 1))
        try odd.finish()
        #expect(try stored("\"a\"\"b; DROP TABLE v\"").count == 1)
    }

    @Test func `a file that is no database is an error`() throws {
        let file = try folder.file("x.db", String(repeating: "no database ", count: 100))
        let source = SQLiteSource(path: file, query: DatabaseQuery("SELECT name FROM sqlite_master"))
        #expect(throws: DataError.self) { try source.check() }
        #expect(throws: DataError.self) {
            try SQLiteSource(path: "\(folder.path)/none.db", query: DatabaseQuery("SELECT 1")).check()
        }
    }
}
