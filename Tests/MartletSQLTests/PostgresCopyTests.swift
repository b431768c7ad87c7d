import MartletData
import Synchronization
import Testing

@testable import MartletSQL

/// A server without tables that refuses the first COPY.
private struct FakeServer {
    /// SQLSTATE of the refusal.
    var refusal: StaticString = ""
    var hasRefused = false
    /// A COPY has begun, and its result was not taken yet.
    var isCopying = false
    var statements: [String] = []

    static let shared = Mutex(FakeServer())

    /// Statuses of results, as libpq numbers them.
    enum Status: Int { case command = 1, tuples, copyIn = 4, fatalError = 7 }

    /// A handle holds a status.
    static func handle(_ status: Status) -> OpaquePointer? { OpaquePointer(bitPattern: status.rawValue << 8) }
    static func status(_ handle: OpaquePointer?) -> Int { Int(bitPattern: handle) >> 8 }
    static func text(_ text: StaticString) -> UnsafePointer<CChar> {
        UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    mutating func execute(_ sql: String) -> OpaquePointer? {
        statements.append(sql)
        if sql.hasPrefix("COPY") {
            isCopying = true
            return Self.handle(.copyIn)
        }
        return Self.handle(sql.hasPrefix("SELECT") ? .tuples : .command)
    }

    mutating func resultOfCopy() -> OpaquePointer? {
        guard isCopying else { return nil }
        defer { (isCopying, hasRefused) = (false, true) }
        return Self.handle(hasRefused ? .command : .fatalError)
    }

    static let library = PostgresLibrary(
        connect: { _ in FakeServer.handle(.command) },
        status: { _ in 0 },
        message: { _ in nil },
        finish: { _ in },
        execute: { _, sql in FakeServer.shared.withLock { $0.execute(String(cString: sql)) } },
        executeWith: { _, sql, _, _, _, _, _, _ in
            FakeServer.shared.withLock { $0.execute(String(cString: sql)) }
        },
        resultStatus: { Int32(FakeServer.status($0)) },
        resultMessage: { _ in FakeServer.text("ERROR: the first reason") },
        resultErrorField: { handle, field in
            let isState = FakeServer.status(handle) == FakeServer.Status.fatalError.rawValue && field == 67
            return isState ? FakeServer.text(FakeServer.shared.withLock { $0.refusal }) : nil
        },
        clear: { _ in },
        rows: { _ in 0 },
        columns: { _ in 0 },
        columnName: { _, _ in nil },
        columnType: { _, _ in 0 },
        isNull: { _, _, _ in 1 },
        value: { _, _, _ in nil },
        length: { _, _, _ in 0 },
        putCopyData: { _, _, _ in 1 },
        putCopyEnd: { _, _ in 1 },
        getResult: { _ in FakeServer.shared.withLock { $0.resultOfCopy() } })
}

/// Rows whose ids ascend, and a COPY into their table that is refused.
@Suite(.serialized) struct PostgresCopyTests {
    private func write(refusal: StaticString) throws(DataError) -> [String] {
        FakeServer.shared.withLock { server in
            server = FakeServer()
            server.refusal = refusal
        }
        var sink = PostgresSink(
            address: "postgres://host/db", table: "t", source: "", library: FakeServer.library)
        _ = try sink.begin(VectorSchema(width: 1))
        let rows = DenseRows(count: 1, width: 1, elements: .float32([0]))
        try sink.write(RowBatch(records: [Record(text: "", index: 0, source: "in")], rows: .dense(rows)))
        return FakeServer.shared.withLock { $0.statements }
    }

    @Test func `rows whose ids are taken replace those of the table`() throws {
        let statements = try write(refusal: "23505")
        #expect(statements.contains("ROLLBACK TO SAVEPOINT martlet_copy"))
        #expect(statements.last == "COPY martlet_stage FROM STDIN (FORMAT binary)")
    }

    /// 23514: a check constraint. 57P01: an administrator ended the connection.
    @Test(arguments: ["23514", "57P01", ""])
    func `any other refusal is the error of the run`(state: String) {
        let refusal: StaticString = state == "23514" ? "23514" : state == "57P01" ? "57P01" : ""
        let error = #expect(throws: DataError.self) { try write(refusal: refusal) }
        #expect(error?.reason == "ERROR: the first reason")
        let last = FakeServer.shared.withLock { $0.statements.last }
        #expect(last == "COPY \"t\" (id, embedding) FROM STDIN (FORMAT binary)")
    }
}
