import MartletJSON
import MartletSystem
import MartletTestSupport
import Testing

@testable import MartletData

@Suite struct SinkTests {
    private static let records = [
        Record(text: "one", id: .none, index: 0, source: "in", line: 1),
        Record(text: "two", id: .text("a,\"b\"\n"), index: 1, source: "in", line: 2),
        Record(text: "three", id: .literal("12345678901234567890"), index: 5, source: "in", line: 6),
    ]
    private static let values: [Float] = [0.5, -1, 1e-10, 3.25, 0, 123_456.78]
    private static let rows = DenseRows(count: 3, width: 2, elements: .float32(values))
    private static let none = DenseRows(count: 0, width: 2, elements: .float32([]))

    /// What a format writes to a file, in blocks of `blockSize` bytes.
    private func write(
        _ format: OutputFormat, _ rows: DenseRows = rows, records: [Record] = records,
        blockSize: Int = 1 << 20
    ) async throws -> [UInt8] {
        let folder = try TemporaryFolder()
        let output = try Output.file("\(folder.path)/out", blockSize: blockSize)
        try await writeAll(
            RowBatch(records: records, rows: .dense(rows)), to: format.open(output),
            VectorSchema(width: rows.width, elementType: rows.elements.type))
        return try folder.contents("out")
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test(arguments: [1, 20, 1 << 20])
    func `jsonl is an object a line, with id or index`(blockSize: Int) async throws {
        #expect(
            text(try await write(.jsonl, blockSize: blockSize)) == """
                {"index":0,"embedding":[0.5,-1.0]}
                {"id":"a,\\"b\\"\\n","embedding":[1e-10,3.25]}
                {"id":12345678901234567890,"embedding":[0.0,123456.78]}

                """)
    }

    @Test func `json is one array of the same objects`() async throws {
        let array = try #require(try JSONValue.parse(await write(.json)).array)
        #expect(array.count == 3)
        #expect(array[1]["id"]?.string == "a,\"b\"\n")
        #expect(array[2]["embedding"]?[1]?.double == 123_456.78)
        #expect(try JSONValue.parse(await write(.json, Self.none, records: [])) == .array([]))
    }

    @Test func `csv has a header and quotes ids`() async throws {
        #expect(
            text(try await write(.csv)) == """
                index,0,1
                0,0.5,-1.0
                "a,""b""
                ",1e-10,3.25
                12345678901234567890,0.0,123456.78

                """)
        #expect(text(try await write(.csv, Self.none, records: [])) == "index,0,1\n")
    }

    @Test func `f32 is the numbers and nothing else`() async throws {
        let bytes = try await write(.f32)
        #expect(bytes.count == 24)
        #expect(Array(bytes[..<8]) == [0, 0, 0, 0x3F, 0, 0, 0x80, 0xBF])
    }

    @Test(arguments: [1, 100, 1 << 20])
    func `npy is a header and the numbers`(blockSize: Int) async throws {
        let bytes = try await write(.npy, blockSize: blockSize)
        #expect(bytes.count == 128 + 24)
        #expect(
            text(Array(bytes[10..<128])).hasPrefix(
                "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }"))
        let found = bytes[128...].withUnsafeBytes { raw in
            (0..<6).map { Float(bitPattern: raw.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)) }
        }
        #expect(found == Self.values)
    }

    @Test(arguments: [(VectorElementType.float16, "<f2"), (.int8, "|i1"), (.uint8, "|u1")])
    func `npy has the type of the elements`(type: VectorElementType, descriptor: String) async throws {
        let elements: VectorElements =
            switch type {
            case .float16: .float16([0x3C00, 0xC000])
            case .int8: .int8([-128, 127])
            case .uint8, .float32: .uint8([0, 255])
            }
        let bytes = try await write(
            .npy, DenseRows(count: 1, width: 2, elements: elements), records: [Self.records[0]])
        #expect(bytes.count == 128 + 2 * type.size)
        let header = text(Array(bytes[10..<128]))
        #expect(header.hasPrefix("{'descr': '\(descriptor)', 'fortran_order': False, 'shape': (1, 2), }"))
        #expect(header.hasSuffix("\n"))
        #expect(Array(bytes[..<10]) == [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 118, 0])
        let expected: [UInt8] =
            type == .float16 ? [0, 0x3C, 0, 0xC0] : type == .int8 ? [128, 127] : [0, 255]
        #expect(Array(bytes[128...]) == expected)
    }

    @Test func `a header of 128 bytes fits any shape`() {
        let header = NPYSink.header(VectorSchema(width: .max), rows: .max)
        #expect(header.count == 128)
        #expect(header.last == 0x0A)
    }

    @Test func `integers and half floats are written as numbers`() async throws {
        let record = [Self.records[0]]
        #expect(
            text(
                try await write(
                    .jsonl, DenseRows(count: 1, width: 3, elements: .int8([-128, 0, 127])), records: record))
                == "{\"index\":0,\"embedding\":[-128,0,127]}\n")
        #expect(
            text(
                try await write(
                    .jsonl, DenseRows(count: 1, width: 2, elements: .float16([0x3C00, 0x8001])),
                    records: record))
                == "{\"index\":0,\"embedding\":[1.0,-5.9604645e-08]}\n")
    }

    @Test func `token vectors are lists, with their tokens`() async throws {
        let folder = try TemporaryFolder()
        let rows = MultiVectorRows(
            tokens: [["[CLS]", "\"\n"]], dimensions: 2, vectors: [0.5, -1, 1e-10, 3.25])
        let batch = RowBatch(
            records: [Record(text: "t", id: .text("a"), index: 0, source: "in")], rows: .multiVector(rows))
        for format in [OutputFormat.jsonl, .json] {
            let sink = format.open(try .file("\(folder.path)/out"))
            try await writeAll(batch, to: sink, VectorSchema(kind: .multiVector, width: 2))
            #expect(
                try folder.text("out").contains(
                    "{\"id\":\"a\",\"tokens\":[\"[CLS]\",\"\\\"\\n\"],\"embedding\":[[0.5,-1.0],[1e-10,3.25]]}"
                ))
        }
    }

    @Test func `sparse vectors are indices and values`() async throws {
        let folder = try TemporaryFolder()
        let rows = [SparseRow(indices: [3, 70], values: [0.5, 2], dimensions: 100, tokens: ["a", "b"])]
        let batch = RowBatch(records: [Record(text: "t", index: 0, source: "in")], rows: .sparse(rows))
        try await writeAll(
            batch, to: OutputFormat.jsonl.open(try .file("\(folder.path)/out")),
            VectorSchema(kind: .sparse, width: 100))
        #expect(
            try folder.text("out")
                == "{\"index\":0,\"indices\":[3,70],\"values\":[0.5,2.0],\"tokens\":[\"a\",\"b\"]}\n")
    }

    @Test(arguments: OutputFormat.all)
    func `a full disk is an error, not a crash`(format: OutputFormat) async throws {
        await #expect(throws: DataError.self) {
            let batch = RowBatch(records: Self.records, rows: .dense(Self.rows))
            try await writeAll(batch, to: format.open(try .file("/dev/full")), VectorSchema(width: 2))
        }
    }

    @Test(arguments: [0, 1, 2, 63, 511, 512, 1023, 1024, 15360, 0x3555, 0x7BFF])
    func `half floats widen exactly`(bits: UInt16) {
        let value = HalfPrecision.float(bits)
        #if arch(arm64) || os(Linux)
        #expect(value == Float(Float16(bitPattern: bits)))
        #endif
        #expect(HalfPrecision.float(bits | 0x8000) == -value)
    }
}

@Suite struct CompanionTests {
    private func companion(_ format: OutputFormat, _ batches: [RowBatch], facts: [VectorSchema.Fact] = [])
        async throws -> JSONValue
    {
        let folder = try TemporaryFolder()
        var sink = format.open(try .file("\(folder.path)/out"))
        _ = try await sink.begin(VectorSchema(width: 1, facts: facts))
        for batch in batches { try await sink.write(batch) }
        try await sink.finish()
        return try JSONValue.parse(folder.contents("out.meta.json"))
    }

    private func batch(
        _ ids: [RecordID], from index: Int, skipped: [SkippedRecord] = [], truncated: [Int] = []
    ) -> RowBatch {
        RowBatch(
            records: ids.enumerated().map { Record(text: "", id: $1, index: index + $0, source: "in") },
            rows: .dense(DenseRows(count: ids.count, width: 1, elements: .float32(ids.map { _ in 1 }))),
            skipped: skipped,
            truncated: truncated)
    }

    @Test(arguments: [OutputFormat.npy, .f32])
    func `ids, skipped and truncated rows are beside bare numbers`(format: OutputFormat) async throws {
        let bad = SkippedRecord(index: 2, message: "in:3: \"bad\"")
        let found = try await companion(
            format,
            [
                batch([.text("a"), .literal("7")], from: 0, truncated: [1]),
                batch([.none], from: 3, skipped: [bad], truncated: [0]),
            ],
            facts: [.init(name: "model", json: "{\"name\":\"m\"}")])
        #expect(found["rows"] == .integer(3))
        #expect(found["dimensions"] == .integer(1))
        #expect(found["type"] == .string("float32"))
        #expect(found["model"]?["name"] == .string("m"))
        #expect(found["ids"] == .array([.string("a"), .integer(7), .null]))
        #expect(found["skipped"]?[0]?["index"] == .integer(2))
        #expect(found["skipped"]?[0]?["reason"] == .string("in:3: \"bad\""))
        #expect(found["truncated"] == .array([.integer(1), .integer(2)]))
    }

    @Test func `there are no ids where no record has one`() async throws {
        let found = try await companion(.npy, [batch([.none, .none], from: 0)])
        #expect(found["rows"] == .integer(2))
        #expect(found["ids"] == nil)
        #expect(found["skipped"] == .array([]))
    }

    @Test func `more ids than memory is kept for come out whole`() async throws {
        let ids = (0..<30_000).map { RecordID.text("id \($0) " + String(repeating: "x", count: 100)) }
        let found = try await companion(.f32, [batch(ids, from: 0)])
        #expect(found["ids"]?.array?.count == ids.count)
        #expect(found["ids"]?.array?.last?.string?.hasPrefix("id 29999 ") == true)
    }

    @Test func `a companion of an earlier run does not stay beside other rows`() async throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("out.meta.json", "old")
        var sink = OutputFormat.npy.open(try .file("\(folder.path)/out"))
        _ = try await sink.begin(VectorSchema(width: 1))
        #expect(throws: SystemFailure.self) { try folder.contents("out.meta.json") }
        try await sink.finish()
    }
}
