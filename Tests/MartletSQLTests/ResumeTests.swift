import MartletData
import MartletTestSupport
import Testing

@testable import MartletSQL

private let hasSQLite = (try? SQLiteLibrary.load()) != nil

/// A query goes on exactly, whatever its order is: with the rows that were not read, or not at all.
@Suite(.enabled(if: hasSQLite, "the system has no libsqlite3")) struct ResumeTests {
    private let folder: TemporaryFolder
    private let path: String

    /// Ids 201 to 400 were inserted before 1 to 200.
    init() throws {
        folder = try TemporaryFolder()
        path = "\(folder.path)/m.db"
        let database = try SQLiteDatabase(path, for: .writing)
        try database.execute("CREATE TABLE m (id INT, body TEXT, created INT, key TEXT COLLATE NOCASE)")
        try database.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400) INSERT INTO m "
                + "SELECT (i + 199) % 400 + 1, 'text ' || i, i, "
                + "CASE WHEN i <= 200 THEN printf('a%04d', i) ELSE printf('B%04d', i) END FROM n")
    }

    private func source(_ query: String) -> SQLiteSource {
        var query = DatabaseQuery(query)
        query.batchSize = BatchSize(fixed: 50)
        return SQLiteSource(path: path, query: query)
    }

    private func read(_ query: String, after checkpoint: Checkpoint? = nil) async throws -> (
        records: [Record], ends: [Checkpoint]
    ) {
        var result: ([Record], [Checkpoint]) = ([], [])
        for try await batch in source(query).batches(after: checkpoint) {
            result.0 += batch.records
            result.1.append(batch.end)
        }
        return result
    }

    private func change(_ sql: String) throws { try SQLiteDatabase(path, for: .writing).execute(sql) }

    @Test(arguments: [
        "SELECT id, body FROM m", "SELECT id, body FROM m ORDER BY created",
        "SELECT key AS id, body FROM m ORDER BY key", "SELECT body FROM m",
        "SELECT id % 7 AS id, body FROM m", "SELECT nullif(id, 300) AS id, body FROM m",
        "SELECT id, body FROM m ORDER BY id -- all of them",
    ])
    func `the rest of a query are the rows after those that were read`(query: String) async throws {
        let all = try await read(query)
        #expect(all.records.count == 400 && all.ends.count >= 8)
        for end in all.ends {
            #expect(try await read(query, after: end).records == Array(all.records.dropFirst(end.index)))
        }
    }

    @Test(arguments: ["INSERT INTO m VALUES (0, 'new', 0, '')", "DELETE FROM m WHERE id = 7"])
    func `a change among the rows that were read is refused`(sql: String) async throws {
        let query = "SELECT id, body FROM m ORDER BY id"
        let end = try await read(query).ends[0]
        try change(sql)
        let error = await #expect(throws: DataError.self) { try await read(query, after: end) }
        #expect(error?.code == .changedInput)
        #expect(error?.description.contains("its first 50 are not those that were read") == true)
    }

    @Test func `a change after the rows that were read is read`() async throws {
        let query = "SELECT id, body FROM m ORDER BY id"
        let end = try await read(query).ends[0]
        try change("INSERT INTO m VALUES (150, 'twin', 0, '')")
        try change("DELETE FROM m WHERE id = 60")
        #expect(try await read(query, after: end).records.count == 350)
    }

    /// It kept the last key, and said of the rows before it only whether the file was another one.
    @Test(arguments: ["unknown", "66306:12 4096 1700000000.5 1700000000.5;66306:13 0 1.5 1.5"])
    func `a position of the version before is one to go on from where ids ascend`(state: String) async throws
    {
        let (ordered, other) = ("SELECT id, body FROM m ORDER BY id", "SELECT id, body FROM m")
        func end(_ query: String) async throws -> Checkpoint {
            var end = try await read(query).ends[0]
            end.source = "\(source(query).digest) \(state)"
            return end
        }
        let (first, second) = (try await end(ordered), try await end(other))
        #expect(try await read(ordered, after: first).records.count == 350)
        try change("INSERT INTO m VALUES (0, 'new', 0, '')")
        try change("DELETE FROM m WHERE id = 210")
        for (query, end) in [(ordered, first), (other, second)] {
            let error = await #expect(throws: DataError.self) { try await read(query, after: end) }
            #expect(error?.description.contains("a position that an earlier version wrote") == true)
        }
    }

    /// Ids that do not ascend may be there twice, and only the texts tell their rows apart.
    @Test func `a text that was read may change where ids ascend`() async throws {
        let (ordered, other) = (
            "SELECT id, body FROM m ORDER BY id", "SELECT id, body FROM m ORDER BY id DESC"
        )
        let (first, second) = (try await read(ordered).ends[0], try await read(other).ends[0])
        try change("UPDATE m SET body = 'edited' WHERE id IN (3, 390)")
        #expect(try await read(ordered, after: first).records.count == 350)
        await #expect(throws: DataError.self) { try await read(other, after: second) }
    }
}
