import MartletData
import Testing

@testable import MartletSQL

/// What needs no server. Tests/Jobs/databases.py runs the command against one.
@Suite struct PostgresTests {
    @Test func `rows have the bytes of COPY and of pgvector`() {
        var copy = CopyRows()
        let rows = DenseRows(count: 1, width: 2, elements: .float32([1, -2]))
        copy.append(position: 5, id: .integer(7), vector: rows, row: 0, bits: false)
        copy.append(
            position: 6, id: .text("é"),
            vector: DenseRows(count: 1, width: 2, elements: .float16([0x3C00, 0xC000])), row: 0, bits: false)
        copy.append(
            position: 7, id: .text(""), vector: DenseRows(count: 1, width: 2, elements: .int8([-128, 127])),
            row: 0, bits: true)
        copy.finish()
        let head: [UInt8] = [80, 71, 67, 79, 80, 89, 10, 255, 13, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        let first: [UInt8] = [
            0, 3, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 12, 0, 2,
            0, 0, 0x3F, 0x80, 0, 0, 0xC0,
            0, 0, 0,
        ]
        let second: [UInt8] = [
            0, 3, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 2, 0xC3, 0xA9, 0, 0, 0, 8, 0, 2, 0, 0, 0x3C, 0,
            0xC0, 0,
        ]
        let third: [UInt8] = [
            0, 3, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 16, 0, 255,
        ]
        #expect(copy.bytes == head + first + second + third + [255, 255])
        var direct = CopyRows(rowCount: 1, width: 2)
        direct.append(id: .integer(7), vector: rows, row: 0, bits: false)
        #expect(direct.bytes == head + [0, 2] + first.dropFirst(14))
    }

    @Test(arguments: [
        ("postgres://ana:se:cr@et@host:5/db?password=x", "postgres://ana@host:5/db"),
        ("postgres://host/db", "postgres://host/db"),
        ("postgresql://ana@host/db", "postgresql://ana@host/db"),
        ("postgres://ünal:se:cr@host/db", "postgres://ünal@host/db"), ("host=a user=b", "host=a user=b"),
        ("postgres://@host/db", "postgres://@host/db"),
    ])
    func `no message has a password`(address: String, shown: String) {
        #expect(PostgresConnection.withoutPassword(address) == shown)
    }

    @Test(.enabled(if: (try? PostgresLibrary.load()) != nil, "the system has no libpq"))
    func `a server that does not answer is an error`() {
        let error = #expect(throws: DataError.self) {
            try PostgresConnection("postgres://a:secret@127.0.0.1:1/x?connect_timeout=2")
        }
        #expect(error?.description.contains("cannot connect") == true)
        #expect(error?.description.contains("secret") == false)
    }

    @Test func `ids fit the table or are refused by record`() throws {
        func record(_ id: RecordID) -> Record { Record(text: "", id: id, index: 4, source: "in", line: 5) }
        #expect(try VectorTable.id(record(.none), isInteger: true) == .integer(4))
        #expect(try VectorTable.id(record(.literal("12")), isInteger: true) == .integer(12))
        #expect(try VectorTable.id(record(.literal("1.5")), isInteger: false) == .text("1.5"))
        for (id, isInteger) in [
            (RecordID.text("12"), true), (.literal("12345678901234567890"), true), (.text("a\0"), false),
        ] {
            let error = #expect(throws: DataError.self) {
                try VectorTable.id(record(id), isInteger: isInteger)
            }
            #expect(error?.place == "in:5")
        }
    }

    @Test func `columns are found by name, or by place where there are two`() throws {
        func find(_ columns: [String], _ text: String? = nil, _ id: String? = nil) throws -> [Int?] {
            let fields = try QueryFields(columns: columns, text: text, id: id, at: "q")
            return [fields.text, fields.id]
        }
        #expect(try find(["body"]) == [0, nil])
        #expect(try find(["key", "body"]) == [1, 0])
        #expect(try find(["body", "key"], nil, "key") == [0, 1])
        #expect(try find(["a", "text", "id"]) == [1, 2])
        #expect(try find(["a", "b", "c"], "b") == [1, nil])
        #expect(throws: DataError.self) { try find(["a", "b", "c"]) }
        #expect(throws: DataError.self) { try find(["text", "text"], "text") }
        #expect(throws: DataError.self) { try find(["a", "text"], nil, "id") }
    }

    @Test func `an order is ascending by value or by bytes`() {
        func last(_ keys: [KeyOrder.Key?]) -> KeyOrder.Key? {
            var order = KeyOrder()
            for key in keys { order.add(key) }
            return order.last
        }
        #expect(last([.integer(2), .integer(10)]) == .integer(10))
        #expect(last([.text("10"), .text("2")]) == .text("2"))
        #expect(last([.text("2"), .text("10")]) == nil)
        #expect(last([.integer(1), .integer(1)]) == nil)
        #expect(last([.integer(1), .text("2")]) == nil)
        #expect(last([.integer(1), nil, .integer(3)]) == nil)
    }
}
