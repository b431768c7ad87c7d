import MartletData
import Synchronization
import Testing

@testable import MartletSQL

/// A server with one table of three rows: `id` and `body`.
private struct FakeTable {
    /// Of the columns, as the server numbers them.
    var types: [UInt32] = [2950, 25]
    var statements: [String] = []
    /// Rows that the cursor has given.
    var given = 0

    static let rows: [[StaticString]] = [
        ["9e000000-0000-0000-0000-000000000000", "eins"], ["0a000000-0000-0000-0000-000000000000", "zwei"],
        ["f0000000-0000-0000-0000-000000000000", "drei"],
    ]
    static let names: [StaticString] = ["id", "body"]
    static let shared = Mutex(FakeTable())

    /// A result is its status, the rows in it, and the first of them.
    static func result(status: Int, count: Int = 0, first: Int = 0) -> OpaquePointer? {
        OpaquePointer(bitPattern: status << 16 | count << 8 | first)
    }
    static func number(_ handle: OpaquePointer?, _ shift: Int) -> Int {
        Int(bitPattern: handle) >> shift & 255
    }
    static func text(_ text: StaticString) -> UnsafePointer<CChar> {
        UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    mutating func execute(_ sql: String) -> OpaquePointer? {
        statements.append(sql)
        guard sql.hasPrefix("FETCH") else { return Self.result(status: sql.hasPrefix("SELECT") ? 2 : 1) }
        let wanted = sql.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let count = min(wanted, Self.rows.count - given)
        defer { given += count }
        return Self.result(status: 2, count: count, first: given)
    }

    static let library = PostgresLibrary(
        connect: { _ in FakeTable.result(status: 1) },
        status: { _ in 0 },
        message: { _ in nil },
        finish: { _ in },
        execute: { _, sql in FakeTable.shared.withLock { $0.execute(String(cString: sql)) } },
        executeWith: { _, sql, _, _, _, _, _, _ in
            FakeTable.shared.withLock { $0.execute(String(cString: sql)) }
        },
        resultStatus: { Int32(FakeTable.number($0, 16)) },
        resultMessage: { _ in nil },
        resultErrorField: { _, _ in nil },
        clear: { _ in },
        rows: { Int32(FakeTable.number($0, 8)) },
        columns: { _ in 2 },
        columnName: { _, column in FakeTable.text(FakeTable.names[Int(column)]) },
        columnType: { _, column in FakeTable.shared.withLock { $0.types[Int(column)] } },
        isNull: { _, _, _ in 0 },
        value: { FakeTable.text(FakeTable.rows[FakeTable.number($0, 0) + Int($1)][Int($2)]) },
        length: {
            Int32(FakeTable.rows[FakeTable.number($0, 0) + Int($1)][Int($2)].utf8CodeUnitCount)
        },
        putCopyData: { _, _, _ in 1 },
        putCopyEnd: { _, _ in 1 },
        getResult: { _ in nil })
}

/// What a query over PostgreSQL asks of the server.
@Suite(.serialized) struct PostgresReadTests {
    private func read(_ sql: String, after checkpoint: Checkpoint? = nil, types: [UInt32] = [2950, 25])
        async throws -> (texts: [String], ends: [Checkpoint], statements: [String])
    {
        FakeTable.shared.withLock { $0 = FakeTable(types: types) }
        var query = DatabaseQuery(sql)
        query.batchSize = BatchSize(fixed: 1)
        let source = PostgresSource(address: "postgres://host/db", query: query, library: FakeTable.library)
        var (texts, ends): ([String], [Checkpoint]) = ([], [])
        for try await batch in source.batches(after: checkpoint) {
            texts += batch.records.map(\.text)
            ends.append(batch.end)
        }
        return (texts, ends, FakeTable.shared.withLock { $0.statements })
    }

    /// Ids of the server's own type `uuid`, which takes no collation and is in no order here.
    @Test func `rows go on without a comparison by the server`() async throws {
        let sql = "SELECT id, body FROM t ORDER BY created;"
        let all = try await read(sql)
        #expect(all.texts == ["eins", "zwei", "drei"])
        for end in all.ends {
            let rest = try await read(sql, after: end)
            #expect(rest.texts == Array(all.texts.dropFirst(end.index)))
            #expect(
                rest.statements.contains {
                    $0 == "DECLARE martlet_rows NO SCROLL CURSOR FOR SELECT id, body FROM t ORDER BY created"
                })
        }
    }

    @Test func `a query may end in a comment`() async throws {
        let statements = try await read("SELECT id, body FROM t -- all of them").statements
        #expect(statements.contains("SELECT * FROM (SELECT id, body FROM t -- all of them\n) AS q LIMIT 0"))
    }

    @Test(arguments: [([2950, 17], "the text is a blob"), ([17, 25], "the id is a blob")])
    func `bytes are no text`(types: [UInt32], words: String) async throws {
        let error = await #expect(throws: DataError.self) {
            try await read("SELECT id, body FROM t", types: types)
        }
        #expect(error?.description.contains("row 1 of the query: \(words)") == true)
    }
}
