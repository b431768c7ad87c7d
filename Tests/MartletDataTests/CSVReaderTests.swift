import Testing

@testable import MartletData

@Suite struct CSVReaderTests {
    private func read(
        _ text: String, _ fields: FieldNames = FieldNames(), delimiter: UInt8 = 0x2C, step: Int = .max
    ) -> [Given] {
        readAll(
            CSVReader(
                .text(text, step: step), fields: fields, delimiter: delimiter,
                limits: ReaderLimits(blockSize: min(step, 4096))))
    }

    static let table: [(String, [Given])] = [
        ("text\na\nb\n", [.text("a", .none, 2), .text("b", .none, 3)]),
        ("id,text\n1,a\n2,b", [.text("a", .text("1"), 2), .text("b", .text("2"), 3)]),
        ("text,id\r\na,1\r\n", [.text("a", .text("1"), 2)]),
        ("id,text\n1,\"a,b\"\n", [.text("a,b", .text("1"), 2)]),
        ("id,text\n1,\"say \"\"hi\"\"\"\n", [.text("say \"hi\"", .text("1"), 2)]),
        (
            "id,text\n1,\"two\nlines\"\n2,x\n",
            [.text("two\nlines", .text("1"), 2), .text("x", .text("2"), 4)]
        ),
        (
            "id,text\n1,\"crlf\r\ninside\"\r\n2,x\r\n",
            [.text("crlf\r\ninside", .text("1"), 2), .text("x", .text("2"), 4)]
        ),
        ("id,text\n1,\n2,\"\"\n", [.text("", .text("1"), 2), .text("", .text("2"), 3)]),
        (
            "id,text\n1,5\" disk\n2,b\"\"c\n",
            [.text("5\" disk", .text("1"), 2), .text("b\"\"c", .text("2"), 3)]
        ),
        ("\u{FEFF}\"id\",\"text\"\n\"1\",\"a\"\n", [.text("a", .text("1"), 2)]),
        ("id,text\n\n1,a\n\n", [.text("a", .text("1"), 3)]),
        ("text,x\n\"a\n\n\nb\",1\n\"c\",2\n", [.text("a\n\n\nb", .none, 2), .text("c", .none, 6)]),
        ("", []),
        ("text\n", []),
    ]

    @Test(arguments: table, 1...7)
    func `rows follow RFC 4180 however the bytes arrive`(row: (input: String, expected: [Given]), step: Int) {
        #expect(read(row.input, step: step) == row.expected)
    }

    @Test func `tabs and chosen columns`() {
        let fields = FieldNames(text: "body", id: "key")
        #expect(read("key\tbody\nk1\ta,b\n", fields, delimiter: 0x09) == [.text("a,b", .text("k1"), 2)])
    }

    static let errors: [(String, String, Int)] = [
        ("id,text\n1\n2,ok\n", "in:2: 1 field, the header has 2", 2),
        ("id,text\n1,a,b\n2,ok\n", "in:2: 3 fields, the header has 2", 2),
        ("id,text\n1,\"a\"b\n2,ok\n", "in:2: text after the quote that ends field 2", 2),
        ("id,text\n1,\"never closed\n2,ok\n", "in:2: a quoted field is not closed", 1),
        ("id,body\n1,a\n", "in:1: no column \"text\" among \"id\", \"body\"", 1),
    ]

    @Test(arguments: errors)
    func `a bad row is an error that names its line`(input: String, expected: String, count: Int) {
        let given = read(input)
        #expect(given.count == count)
        #expect("\(given[0])".contains(expected), "\(given[0])")
        if count == 2 { #expect(texts(given)[1] == "ok") }
    }

    @Test func `a missing id column is an error`() {
        #expect("\(read("text\na\n", FieldNames(id: "key")))".contains("no column \"key\""))
    }

    @Test func `invalid UTF-8 names the line`() {
        let bytes = Array("text\na\n".utf8) + [0x62, 0xFF, 0x0A] + Array("c\n".utf8)
        let given = readAll(CSVReader(.bytes(bytes), fields: FieldNames()))
        #expect(texts(given).first == "a")
        #expect("\(given[1])".contains("in:3: not UTF-8 at byte 2"))
        #expect(texts(given).last == "c")
    }

    @Test func `another delimiter in the header is told`() {
        #expect("\(read("id;text\n1;a\n"))".contains("columns separated by semicolons are not read"))
        #expect("\(read("id\ttext\n1\ta\n"))".contains("tsv"))
    }

    @Test func `what the sink writes, the reader reads`() {
        let nasty = ["plain", "a,b", "say \"hi\"", "two\nlines", "crlf\r\n", "", " spaced "]
        var bytes = Array("text,x\n".utf8)
        for text in nasty {
            CSVSink.append(text, to: &bytes)
            bytes += ",1\n".utf8
        }
        #expect(texts(readAll(CSVReader(.bytes(bytes), fields: FieldNames()))) == nasty)
    }
}

@Suite struct RepeatedColumnTests {
    private func read(_ text: String, _ fields: FieldNames = FieldNames()) -> String {
        "\(readAll(CSVReader(.text(text), fields: fields)))"
    }

    @Test func `a column that is named twice is an error that says which`() {
        #expect(
            read("text,n,text\na,1,b\n").contains(
                "in:1: 2 columns are called \"text\", the 1st and 3rd; rename all but one"))
        #expect(
            read("id,text,id,id\na,1,b,c\n").contains("3 columns are called \"id\", the 1st, 3rd and 4th"))
    }

    @Test func `other columns may share a name`() {
        #expect(read("x,text,x\n1,a,2\n").contains("\"a\""))
    }
}
