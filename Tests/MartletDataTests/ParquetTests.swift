import MartletJSON
import MartletTestSupport
import Testing

@testable import MartletData

@Suite struct ParquetReaderTests {
    private static let goldens = String(#filePath.dropLast("ParquetTests.swift".count)) + "Goldens"

    private func records(_ name: String, _ fields: FieldNames = FieldNames()) throws -> [Given] {
        readAll(ParquetReader(try .file("\(Self.goldens)/\(name).parquet"), fields: fields))
    }

    /// Text and id of each row.
    private func rows() throws -> [(text: String?, id: Int?)] {
        let text = String(decoding: try readFile("\(Self.goldens)/rows.jsonl"), as: UTF8.self)
        return try text.split(separator: "\n").map { line in
            let row = try JSONValue.parse(utf8: String(line))
            return (row["text"]?.string, row["id"]?.int)
        }
    }

    /// What a reader should give.
    private func expected(_ id: (Int?, Int) -> RecordID) throws -> [Given] {
        try rows().enumerated().map { index, row in
            guard let text = row.text else { return .error("null") }
            return .text(text, id(row.id, index), index + 1)
        }
    }

    /// Errors without their words.
    private func kinds(_ given: [Given]) -> [Given] {
        given.map {
            if case .error(let message) = $0, message.contains("is null, expected a text") {
                .error("null")
            } else {
                $0
            }
        }
    }

    @Test(arguments: [
        "plain", "dictionary", "snappy", "gzip", "zstd", "pages-v2", "small-pages", "large-strings",
    ])
    func `rows are those of pyarrow`(name: String) throws {
        let expected = try expected { id, _ in .literal(id.map { "\($0)" } ?? "null") }
        #expect(kinds(try records(name)) == expected)
    }

    @Test func `columns without missing values`() throws {
        let expected = try rows().enumerated().map { index, row in
            let text = row.text.flatMap { $0.isEmpty ? nil : $0 } ?? "-"
            return Given.text(text, .text(row.id.map { "\($0)" } ?? "None"), index + 1)
        }
        #expect(try records("required") == expected)
    }

    @Test func `a path leads into a structure`() throws {
        let expected = try rows().enumerated().map { index, row -> Given in
            guard let text = row.text, index % 5 != 0 else { return .error("null") }
            return .text(text, .literal("\(index)"), index + 1)
        }
        #expect(kinds(try records("nested", FieldNames(text: "doc.body"))) == expected)
    }

    @Test func `what is not read is refused by name`() throws {
        #expect("\(try records("delta"))".contains("encoding DELTA_BYTE_ARRAY"))
        #expect("\(try records("refused", FieldNames(text: "text.list.element")))".contains("inside a list"))
        #expect(
            "\(try records("plain", FieldNames(text: "body")))".contains(
                "no column \"body\" among \"n\", \"text\", \"id\""))
        #expect("\(try records("plain", FieldNames(text: "id")))".contains("holds no strings"))
        #expect("\(try records("plain", FieldNames(id: "key")))".contains("no column \"key\" for the id"))
    }

    @Test func `rows go on from every position`() async throws {
        let source = FileSource([
            .file("\(Self.goldens)/required.parquet", .parquet), .text("last", name: "argument 1"),
        ])
        let all = try source.readAll()
        let positions = try source.positions()
        for (count, checkpoint) in positions.enumerated() where count % 37 == 0 || count > 295 {
            var rest: [Record] = []
            for try await batch in source.batches(after: checkpoint) { rest += batch.records }
            #expect(rest == Array(all.dropFirst(count)), "after \(count)")
        }
    }

    @Test func `a stream and other files are errors`() throws {
        let folder = try TemporaryFolder()
        #expect(
            "\(readAll(ParquetReader(.text("PAR1"), fields: FieldNames())))".contains("put it into a file"))
        for content in [
            "", "PAR1", "PAR1PAR1PAR1", "text\nand more text\n", "PAR1\u{FF}\u{FF}\u{FF}\u{7F}PAR1",
        ] {
            let path = try folder.file("x", content)
            let given = readAll(ParquetReader(try .file(path), fields: FieldNames()))
            #expect(given.count == 1 && "\(given)".contains("\(path): "))
        }
    }

    /// Rows are counted from 1 without a gap, an error of a row names the file and the row, and one that ends
    /// the reading names the file.
    private func expectInOrder(_ given: [Given], _ damage: String) {
        for (index, item) in given.enumerated() {
            switch item {
            case .text(_, _, let row): #expect(row == index + 1, "\(damage)")
            case .error(let message):
                let isLast = index == given.count - 1
                #expect(
                    message.hasPrefix("in:\(index + 1): ") || isLast && message.hasPrefix("in: "),
                    "\(damage): \(message)")
            }
        }
    }

    private static let forms = [
        "plain", "dictionary", "snappy", "gzip", "zstd", "pages-v2", "small-pages", "nested",
    ]

    private static func fields(_ form: String) -> FieldNames {
        form == "nested" ? FieldNames(text: "doc.body") : FieldNames()
    }

    /// Whatever the bytes, the reader gives rows in order or an error: it does not crash, and takes no memory
    /// that a header asks for.
    @Test(arguments: forms) func `damaged files are errors, not crashes`(name: String) throws {
        let whole = try readFile("\(Self.goldens)/\(name).parquet")
        var random = SplitMix64(state: UInt64(whole.count))
        for round in 0..<300 {
            var bytes = whole
            // Half of the changes are in the footer, where the sizes are.
            for _ in 0..<(1 + random.below(4)) {
                let place =
                    random.below(2) == 0
                    ? bytes.count - 1 - random.below(1200) : random.below(bytes.count)
                bytes[place] = UInt8(truncatingIfNeeded: random.next())
            }
            expectInOrder(
                readAll(ParquetReader(.seekable(bytes), fields: Self.fields(name))), "round \(round)")
        }
    }

    @Test(arguments: forms) func `a file that is cut off gives no rows`(name: String) throws {
        let whole = try readFile("\(Self.goldens)/\(name).parquet")
        var random = SplitMix64(state: UInt64(whole.count))
        for count in [0, 4, 11, 12, whole.count - 8, whole.count - 1]
            + (0..<60).map({ _ in random.below(whole.count) })
        {
            let given = readAll(
                ParquetReader(.seekable(Array(whole[..<count])), fields: Self.fields(name)))
            #expect(given.count == 1 && "\(given)".contains("error: in: "), "\(count) bytes: \(given)")
        }
    }

    /// A page of the column of texts.
    private struct Page {
        let bytes: Range<Int>
        /// Of the pages before it.
        var rowsBefore: Int
    }

    private func textPages(_ file: [UInt8], _ fields: FieldNames) throws -> [Page] {
        let end = file.count - 8
        let length = (0..<4).reduce(0) { $0 | Int(file[end + $1]) << (8 * $1) }
        let footer = try ParquetFooter(file[end - length..<end], fileSize: file.count)
        let column = try #require(footer.columns.firstIndex { $0.name == fields.textName })
        var (pages, rows): ([Page], Int) = ([], 0)
        for group in footer.groups {
            let chunk = group.chunks[column]
            var (offset, before) = (chunk.range.lowerBound, rows)
            while offset < chunk.range.upperBound {
                let start = offset
                let page = try ParquetPage.read(
                    .seekable(file), &offset, end: chunk.range.upperBound, try ParquetCodec(chunk.codec),
                    footer.columns[column])
                pages.append(Page(bytes: start..<offset, rowsBefore: before))
                if let page, page.kind == .data { before += page.valueCount }
            }
            rows += group.rowCount
        }
        return pages
    }

    /// What comes before a damaged page is right, and so are the ids, which are in pages of their own.
    @Test(arguments: forms) func `a damaged page harms no other`(name: String) throws {
        let (whole, fields) = (try readFile("\(Self.goldens)/\(name).parquet"), Self.fields(name))
        let expected = readAll(ParquetReader(.seekable(whole), fields: fields))
        let pages = try textPages(whole, fields)
        #expect(expected.count == 300 && pages.contains { $0.rowsBefore >= 256 })
        var random = SplitMix64(state: UInt64(whole.count))
        var changed = 0
        for round in 0..<150 {
            let page = pages[random.below(pages.count)]
            var bytes = whole
            for _ in 0...random.below(3) {
                bytes[page.bytes.lowerBound + random.below(page.bytes.count)] ^= 1 << UInt8(random.below(8))
            }
            let given = readAll(ParquetReader(.seekable(bytes), fields: fields))
            expectInOrder(given, "round \(round)")
            #expect(given.count <= expected.count)
            #expect(given.prefix(page.rowsBefore) == expected.prefix(page.rowsBefore), "round \(round)")
            for case (.text(_, let found, let row), .text(_, let id, _)) in zip(given, expected) {
                #expect(found == id, "round \(round), row \(row)")
            }
            if given != expected { changed += 1 }
        }
        #expect(changed > 100)
    }

    /// The checksum at the end of a page of gzip tells that it was damaged.
    @Test func `a page whose checksum is wrong ends the rows`() throws {
        let whole = try readFile("\(Self.goldens)/gzip.parquet")
        let expected = readAll(ParquetReader(.seekable(whole), fields: FieldNames()))
        for page in try textPages(whole, FieldNames()) {
            for place in 1...8 {
                var bytes = whole
                bytes[page.bytes.upperBound - place] ^= 1
                let given = readAll(ParquetReader(.seekable(bytes), fields: FieldNames()))
                #expect(given.dropLast() == expected.prefix(page.rowsBefore))
                guard case .error(let message)? = given.last else {
                    Issue.record("no error after \(given.count) rows")
                    continue
                }
                #expect(message.hasPrefix("in: "), "\(message)")
            }
        }
    }
}

@Suite struct ParquetSinkTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `ids and indices read back, and the footer has the facts`() async throws {
        let count = 20_000
        let records = (0..<count).map { index in
            Record(
                text: "",
                id: index % 3 == 0 ? .none : index % 3 == 1 ? .text("é \(index)") : .literal("\(index)"),
                index: index,
                source: "in")
        }
        let rows = DenseRows(
            count: count, width: 384, elements: .float32((0..<count * 384).map { Float($0) }))
        let batch = RowBatch(
            records: records, rows: .dense(rows), skipped: [SkippedRecord(index: 7, message: "in:8: bad")],
            truncated: [1, 9])
        let path = "\(folder.path)/out.parquet"
        try await writeAll(
            batch, to: OutputFormat.parquet.sink(writingTo: path),
            VectorSchema(width: 384, facts: [.init(name: "model", json: "{\"a\":1}")]))
        let given = readAll(ParquetReader(try .file(path), fields: FieldNames(text: "id", id: "index")))
        #expect(given.count == 10_000 || given.count == count)
        for (index, item) in given.enumerated() {
            switch records[index].id {
            case .none: if case .error = item {} else { Issue.record("row \(index) has an id") }
            case .text(let id), .literal(let id):
                try #require(item == .text(id, .literal("\(index)"), index + 1))
            }
        }
        let bytes = try folder.contents("out.parquet")
        #expect(bytes.suffix(4).elementsEqual("PAR1".utf8))
        let tail = String(decoding: bytes.suffix(4000), as: UTF8.self)
        #expect(tail.contains("martlet.model") && tail.contains("{\"a\":1}"))
        #expect(tail.contains("{\"index\":7,\"reason\":\"in:8: bad\"}"))
    }

    @Test(arguments: VectorKind.allCases)
    func `an empty output is a file without rows`(kind: VectorKind) async throws {
        let path = "\(folder.path)/out.parquet"
        var sink = try OutputFormat.parquet.sink(writingTo: path)
        _ = try await sink.begin(VectorSchema(kind: kind, width: 2))
        try await sink.finish()
        #expect(readAll(ParquetReader(try .file(path), fields: FieldNames(text: "id"))).isEmpty)
    }
}

@Suite struct ParquetEncodingTests {
    @Test func `runs and packed bits alternate`() {
        // Four times 5 at three bits, then eight packed values 0 to 7.
        var decoder = HybridDecoder([8, 5, 3, 0b1000_1000, 0b1100_0110, 0b1111_1010], width: 3)
        var values: [Int] = []
        while let value = decoder.next() { values.append(value) }
        #expect(values == [5, 5, 5, 5, 0, 1, 2, 3, 4, 5, 6, 7])
    }

    @Test func `a width of 0 is zeros`() {
        var decoder = HybridDecoder([6], width: 0)
        #expect([decoder.next(), decoder.next(), decoder.next(), decoder.next()] == [0, 0, 0, nil])
    }

    @Test func `Snappy's literals and overlapping references`() {
        // "ab", then six bytes from two before: "abababab".
        let bytes: [UInt8] = [8, 1 << 2, 0x61, 0x62, 2 << 2 | 1, 2]
        #expect(bytes.withUnsafeBufferPointer { Snappy.decompress($0, size: 8) } == Array("abababab".utf8))
        #expect(bytes.withUnsafeBufferPointer { Snappy.decompress($0, size: 9) } == nil)
        for count in 0..<bytes.count {
            #expect(bytes[..<count].withUnsafeBufferPointer { Snappy.decompress($0, size: 8) } == nil)
        }
        let before: [UInt8] = [8, 1 << 2, 0x61, 0x62, 2 << 2 | 1, 3]
        #expect(before.withUnsafeBufferPointer { Snappy.decompress($0, size: 8) } == nil)
    }
}
