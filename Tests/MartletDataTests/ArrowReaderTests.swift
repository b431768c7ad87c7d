import MartletJSON
import MartletTestSupport
import Testing

@testable import MartletData

/// The files are those of Scripts/arrow-goldens.py.
@Suite struct ArrowReaderTests {
    private static let goldens = String(#filePath.dropLast("ArrowReaderTests.swift".count)) + "Goldens"
    /// Files that have all rows, with numbers as ids.
    private static let whole = [
        "file", "stream", "before-0.15", "large", "views", "feather", "zstd", "slice", "columns", "replaced",
        "deltas", "polars", "polars-zstd", "polars-categories", "datasets",
    ]
    /// Those whose schema is before their batches, as the format says; polars has it in the footer alone.
    private static let streams = whole.filter { $0 != "polars" && $0 != "polars-zstd" }

    private func bytes(_ name: String) throws -> [UInt8] { try readFile("\(Self.goldens)/\(name).arrow") }

    private func records(_ name: String, _ fields: FieldNames = FieldNames()) throws -> [Given] {
        readAll(ArrowReader(try .file("\(Self.goldens)/\(name).arrow"), fields: fields))
    }

    private func expected(_ id: (Int?) -> RecordID) throws -> [Given] {
        let text = String(decoding: try readFile("\(Self.goldens)/rows.jsonl"), as: UTF8.self)
        return try text.split(separator: "\n").enumerated().map { index, line in
            let row = try JSONValue.parse(utf8: String(line))
            guard let text = row["text"]?.string else { return .error("null") }
            return .text(text, id(row["id"]?.int), index + 1)
        }
    }

    private var numbered: [Given] {
        get throws { try expected { id in .literal(id.map { "\($0)" } ?? "null") } }
    }

    /// Compares rows, and errors of missing texts without their words. The rows would fill pages of a report.
    private func expect(_ given: [Given], equal expected: [Given]) {
        let difference = zip(kinds(given), expected).first { $0 != $1 }
        #expect(difference == nil && given.count == expected.count, "\(given.count) rows")
    }

    private func kinds(_ given: [Given]) -> [Given] {
        given.map {
            if case .error(let message) = $0, message.contains("is null, expected a text") {
                .error("null")
            } else {
                $0
            }
        }
    }

    @Test(arguments: whole)
    func `rows are those of pyarrow, polars and datasets`(name: String) throws {
        expect(try records(name), equal: try numbered)
    }

    @Test(arguments: streams)
    func `a stream gives the rows of the file, however it arrives`(name: String) throws {
        let (bytes, expected) = (try bytes(name), try numbered)
        for step in [61, .max] {
            let reader = ArrowReader(.bytes(bytes, step: step), fields: FieldNames())
            expect(readAll(reader), equal: expected)
        }
        let paused = ArrowReader(.bytes(bytes, step: 999, pauses: true), fields: FieldNames())
        expect(readAll(paused, waiting: false), equal: expected)
    }

    @Test func `a file whose schema is in its footer alone is refused as a stream`() throws {
        let reader = ArrowReader(.bytes(try bytes("polars")), fields: FieldNames())
        #expect("\(readAll(reader))".contains("put it into a file, uncompressed"))
    }

    @Test func `ids may be categories, and numbers of every type`() throws {
        expect(
            try records("dictionary"),
            equal: try expected { id in id.map { .text("\($0)") } ?? .literal("null") })
        #expect(
            try records("id-uint64") == [
                .text("a", .literal("18446744073709551615"), 1), .text("b", .literal("0"), 2),
                .text("c", .literal("1"), 3),
            ])
        #expect(
            try records("id-double") == [
                .text("a", .literal("0.5"), 1), .text("b", .literal("1.0"), 2),
                .text("c", .literal("1e+300"), 3),
            ])
        #expect(
            try records("id-bool") == [
                .text("a", .literal("true"), 1), .text("b", .literal("false"), 2),
                .text("c", .literal("null"), 3),
            ])
    }

    @Test func `what is not read is refused by name`() throws {
        #expect("\(try records("refused"))".contains("column \"text\" holds no strings"))
        #expect(
            "\(try records("refused", FieldNames(text: "body", id: "id")))".contains(
                "column \"id\" has a type that cannot be written as an id, expected strings or numbers"))
        // Nobody asked for that id.
        #expect(try records("refused", FieldNames(text: "body")) == [.text("b", .none, 1)])
        #expect(
            "\(try records("file", FieldNames(text: "body")))".contains(
                "no column \"body\" among \"n\", \"text\", \"id\""))
        #expect("\(try records("file", FieldNames(id: "key")))".contains("no column \"key\" for the id"))
        #expect(
            "\(readAll(ArrowReader(.text("FEA1 and more"), fields: FieldNames())))".contains(
                "Feather version 1"))
    }

    @Test func `a file that is not Arrow is an error`() throws {
        for text in [
            "", "ARROW1", "ARROW1\0\0ARROW1", "some text\nand more of it\n", "\u{FF}", "PAR1PAR1PAR1",
        ] {
            for source in [ByteSource.text(text), .seekable(Array(text.utf8))] {
                let given = readAll(ArrowReader(source, fields: FieldNames()))
                #expect(given.count == 1 && "\(given)".contains("error: in: "), "\(text)")
            }
        }
    }

    @Test func `what Martlet writes is read`() async throws {
        let folder = try TemporaryFolder()
        let records = (0..<100).map { Record(text: "", id: .text("é \($0)"), index: $0, source: "in") }
        let rows = DenseRows(count: 100, width: 3, elements: .float32((0..<300).map { Float($0) }))
        let batch = RowBatch(records: records, rows: .dense(rows), skipped: [], truncated: [])
        let path = "\(folder.path)/v.arrow"
        try await writeAll(batch, to: OutputFormat.arrow.sink(writingTo: path), VectorSchema(width: 3))
        let given = readAll(ArrowReader(try .file(path), fields: FieldNames(text: "id", id: "index")))
        expect(given, equal: (0..<100).map { .text("é \($0)", .literal("\($0)"), $0 + 1) })
    }

    @Test(arguments: ["required", "required-stream"])
    func `rows go on from every position`(name: String) async throws {
        let source = FileSource([
            .file("\(Self.goldens)/\(name).arrow", .arrow), .text("last", name: "argument 1"),
        ])
        let all = try source.readAll()
        let positions = try source.positions()
        for (count, checkpoint) in positions.enumerated() where count % 37 == 0 || count > 295 {
            var rest: [Record] = []
            for try await batch in source.batches(after: checkpoint) { rest += batch.records }
            let isSame = rest == Array(all.dropFirst(count))
            #expect(isSame, "after \(count)")
        }
    }

    @Test func `a compressed file is read as a stream`() throws {
        let folder = try TemporaryFolder()
        // One gzip member of stored blocks.
        let content = try bytes("file")
        var gzip: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]
        for start in stride(from: 0, to: content.count, by: 60_000) {
            let block = content[start..<min(content.count, start + 60_000)]
            let size = UInt16(block.count)
            gzip += [start + block.count == content.count ? 1 : 0, UInt8(size & 255), UInt8(size >> 8)]
            gzip += [UInt8(~size & 255), UInt8(~size >> 8)] + block
        }
        let trailer = [crc32(content), UInt32(content.count)]
        for number in trailer { gzip += (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
        let path = try folder.file("x.arrow.gz", gzip)
        #expect(InputFormat.forFile(path) == .arrow)
        let reader = ArrowReader(try ByteSource.file(path).decoded(), fields: FieldNames())
        expect(readAll(reader), equal: try numbered)
        let parquet = ParquetReader(try ByteSource.file(path).decoded(), fields: FieldNames())
        #expect("\(readAll(parquet))".contains("is compressed as a whole"))
    }

    private func crc32(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~0) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
    }

    /// Each read leaves a mark at the end of its room, which the next one finds unless the bytes there were
    /// written again.
    @Test func `a stream that arrives in small steps is written to memory once`() throws {
        let bytes = try bytes("stream")
        var (position, reads, rooms) = (0, 0, 0)
        let source = ByteSource(name: "in", size: nil, isReady: { true }) { room in
            reads += 1
            if room[room.count - 1] != 0xEE { rooms += 1 }
            room[room.count - 1] = 0xEE
            let count = min(7, room.count, bytes.count - position)
            for index in 0..<count { room[index] = bytes[position + index] }
            position += count
            return count
        }
        expect(readAll(ArrowReader(source, fields: FieldNames())), equal: try numbered)
        #expect(reads > bytes.count / 7 && rooms < 20)
    }

    @Test func `a dictionary that replaces another one takes its place in memory`() throws {
        let source = try ByteSource.file("\(Self.goldens)/replaced.arrow")
        // Each of the three dictionaries has five texts of 61 bytes.
        let bytes = 5 * MemoryLayout<ColumnValue>.stride + 61
        let reader = ArrowReader(source, fields: FieldNames(), dictionaryLimit: bytes)
        expect(readAll(reader), equal: try numbered)
        let short = ArrowReader(
            try ByteSource.file("\(Self.goldens)/replaced.arrow"), fields: FieldNames(),
            dictionaryLimit: bytes - 1)
        #expect("\(readAll(short))".contains("its dictionaries have more than"))
    }

    @Test func `a dictionary keeps its texts alone in memory, not the blocks that they were read in`() {
        let block = [UInt8](repeating: 0x61, count: 64 << 10)
        var dictionary = ArrowDictionary()
        dictionary.append(.bytes(block[1000..<1003]))
        dictionary.append(.null)
        guard case .bytes(let text) = dictionary.values[0], case .null = dictionary.values[1] else {
            Issue.record("other values")
            return
        }
        #expect(text.elementsEqual("aaa".utf8))
        let isInBlock = block.withUnsafeBytes { block in
            text.withUnsafeBytes { text in
                text.baseAddress.map { block.baseAddress! <= $0 && $0 < block.baseAddress! + block.count }
            }
        }
        #expect(isInBlock == false)
        #expect(dictionary.byteCount == 3 + 2 * MemoryLayout<ColumnValue>.stride)
    }

    @Test func `columns that share a long name are refused`() {
        var buffer = FlatBufferWriter()
        let name = buffer.text(String(repeating: "n", count: 1 << 20))
        let type = buffer.table([])
        let field = buffer.table([(0, .offset(name)), (2, .byte(5)), (3, .offset(type))])
        let fields = buffer.offsets(Array(repeating: field, count: 100))
        let schema = buffer.table([(1, .offset(fields))])
        let message = ArrowMessage.finished(
            &buffer, kind: ArrowMessage.schema, header: schema, bodyLength: 0)
        let reader = ArrowReader(.bytes(ArrowMessage.encapsulated(message)), fields: FieldNames())
        #expect("\(readAll(reader))".contains("the names of its columns have more than 16 MiB"))
    }

    /// A stream may end after any of its messages; a file has a footer.
    @Test(arguments: ["file", "feather", "polars", "stream", "large"])
    func `cut files are errors`(name: String) throws {
        let whole = try bytes(name)
        let isFile = whole.starts(with: "ARROW1".utf8)
        let rows = try numbered
        for count in stride(from: 0, to: whole.count, by: 37) {
            for source in [ByteSource.seekable(Array(whole[..<count])), .bytes(Array(whole[..<count]))] {
                let given = readAll(ArrowReader(source, fields: FieldNames()))
                let isError = "\(given.last.map { "\($0)" } ?? "")".contains("error: in: ")
                let isCleanPart = !isFile && kinds(given).elementsEqual(rows.prefix(given.count))
                #expect(isError || isCleanPart, "cut at \(count)")
            }
        }
    }

    /// Whether a row has its number, and an error names the file or the row.
    private func hasPlace(_ given: Given, row: Int) -> Bool {
        switch given {
        case .text(_, _, let line): line == row
        case .error(let message): message.hasPrefix("in: ") || message.hasPrefix("in:\(row): ")
        }
    }

    /// Whatever the bytes, the reader gives all rows or an error: it does not crash, and takes no memory that
    /// a header asks for. Nothing tells whether the bytes of a value were changed: texts may differ.
    @Test(arguments: whole + ["dictionary"])
    func `damaged files are errors, not crashes`(name: String) throws {
        let (whole, rows) = (try bytes(name), try numbered)
        var random = SplitMix64(state: UInt64(whole.count))
        for round in 0..<60 {
            var bytes = whole
            if round % 5 == 0 { bytes.removeSubrange(random.below(bytes.count)..<bytes.count) }
            for _ in 0..<(1 + random.below(4)) where bytes.count > 12 {
                // Half of the changes are in the schema and the first batch's metadata.
                let span = random.below(2) == 0 ? min(bytes.count, 1200) : bytes.count
                let place = random.below(span)
                if random.below(2) == 0 {
                    bytes[place] = UInt8(truncatingIfNeeded: random.next())
                } else {
                    bytes[place] ^= 1 << UInt8(random.below(8))
                }
            }
            for source in [ByteSource.seekable(bytes), .bytes(bytes)] {
                let given = readAll(ArrowReader(source, fields: FieldNames()))
                let isEnded = given.count == rows.count || "\(given.last as Any)".contains("error: in: ")
                #expect(
                    isEnded && given.indices.allSatisfy { hasPlace(given[$0], row: $0 + 1) }, "round \(round)"
                )
            }
        }
    }
}
