import MartletData
import MartletTestSupport
import Testing

/// The frame of the file; Tests/Data/files.py has pyarrow, pandas and DuckDB read it.
@Suite struct ArrowTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func write(_ batches: [RowBatch], _ name: String, _ schema: VectorSchema) async throws -> [UInt8]
    {
        var sink = try OutputFormat.arrow.sink(writingTo: "\(folder.path)/\(name)")
        _ = try await sink.begin(schema)
        for batch in batches { try await sink.write(batch) }
        try await sink.finish()
        return try folder.contents(name)
    }

    private func batch(_ range: Range<Int>, width: Int) -> RowBatch {
        let records = range.map {
            Record(text: "", id: $0 % 3 == 0 ? .none : .text("é \($0)"), index: $0, source: "in")
        }
        let values = range.flatMap { row in (0..<width).map { Float(row * width + $0) } }
        return RowBatch(
            records: records,
            rows: .dense(DenseRows(count: range.count, width: width, elements: .float32(values))),
            skipped: range.lowerBound == 0 ? [SkippedRecord(index: 7, message: "in:8: bad")] : [],
            truncated: [0])
    }

    private func number(_ bytes: [UInt8], at offset: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }

    @Test func `a file has a schema, batches and a footer that finds them`() async throws {
        let schema = VectorSchema(width: 384, facts: [.init(name: "model", json: "{\"a\":1}")])
        let whole = batch(0..<12_000, width: 384)
        let bytes = try await write([whole], "v.arrow", schema)
        #expect(bytes.starts(with: Array("ARROW1\0\0".utf8)) && bytes.suffix(6).elementsEqual("ARROW1".utf8))
        let footer = number(bytes, at: bytes.count - 10)
        let text = String(decoding: bytes[(bytes.count - 10 - footer)...], as: UTF8.self)
        #expect(text.contains("martlet.model") && text.contains("{\"index\":7,\"reason\":\"in:8: bad\"}"))
        // Messages begin with a mark that no vector, index or id here has, and stand on multiples of 8: the
        // schema, two batches of 8 MiB and the rest, and the mark of the end.
        let marks = stride(from: 8, to: bytes.count - 10 - footer, by: 8).filter {
            number(bytes, at: $0) == 0xFFFF_FFFF
        }
        #expect(marks.count == 5 && marks.first == 8)
        #expect(marks.map { number(bytes, at: $0 + 4) == 0 } == [false, false, false, false, true])
    }

    @Test func `equal rows give equal files, however they came`() async throws {
        let schema = VectorSchema(width: 384)
        let whole = try await write([batch(0..<6_000, width: 384)], "a.arrow", schema)
        var parts = [
            batch(0..<1, width: 384), batch(1..<5_990, width: 384), batch(5_990..<6_000, width: 384),
        ]
        for part in parts.indices { parts[part].truncated = part == 0 ? [0] : [] }
        #expect(try await write(parts, "b.arrow", schema) == whole)
    }

    @Test func `rows without a fixed width are refused`() async throws {
        for schema in [VectorSchema(kind: .sparse, width: 10), VectorSchema(width: 0)] {
            let error = await #expect(throws: DataError.self) { _ = try await write([], "x.arrow", schema) }
            #expect(error?.code == .unsupported)
        }
    }
}
