import Testing

@testable import MartletData

@Suite struct JSONLReaderTests {
    private func read(_ text: String, _ fields: FieldNames = FieldNames(), step: Int = .max) -> [Given] {
        readAll(
            JSONLReader(
                .text(text, step: step), fields: fields, limits: ReaderLimits(blockSize: min(step, 4096))))
    }

    @Test(arguments: 1...7)
    func `texts and ids come out however the bytes arrive`(step: Int) {
        let input = """
            {"id":"a","text":"one"}\r
            {"text":"zwei \\u00fc\\n","id":7}

            \u{20}\u{9}
            {"id":null,"other":[1,{"text":"no"}],"text":"trois"}
            {"text":""}
            """
        #expect(
            read(input, step: step) == [
                .text("one", .text("a"), 1), .text("zwei ü\n", .literal("7"), 2),
                .text("trois", .literal("null"), 5), .text("", .none, 6),
            ])
    }

    @Test(arguments: [
        "7", "-0", "1.0", "1e5", "12345678901234567890", "true", "false", "null", "0.10000000000000000001",
    ])
    func `an id that is no string keeps its spelling`(id: String) {
        #expect(read("{\"text\":\"t\",\"id\": \(id) }") == [.text("t", .literal(id), 1)])
    }

    static let paths: [(String, String, String)] = [
        ("a", "{\"a\":\"x\"}", "x"),
        ("a.b", "{\"a\":{\"b\":\"x\"}}", "x"),
        ("a.b.c", "{\"a\":{\"z\":1,\"b\":{\"c\":\"x\"}}}", "x"),
        ("a.b", "{\"a.b\":\"full\",\"a\":{\"b\":\"path\"}}", "full"),
        ("a.b", "{\"a\":{\"b\":\"path\"},\"a.b\":\"full\"}", "full"),
        ("a", "{\"a\":\"first\",\"a\":\"last\"}", "last"),
        ("a.b", "{\"a\":{\"b\":\"x\",\"a\":{\"b\":\"deeper\"}}}", "x"),
    ]

    @Test(arguments: paths)
    func `a field is a name or a path`(field: String, line: String, expected: String) {
        #expect(read(line, FieldNames(text: field)) == [.text(expected, .none, 1)])
    }

    @Test func `text and id may share an object`() {
        let fields = FieldNames(text: "m.text", id: "m.key")
        #expect(read("{\"m\":{\"key\":3,\"text\":\"x\"}}", fields) == [.text("x", .literal("3"), 1)])
    }

    static let errors: [(String, FieldNames, String)] = [
        ("{", FieldNames(), "in:1: not a JSON object at column 2"),
        ("[]", FieldNames(), "in:1: not a JSON object at column 1"),
        ("plain", FieldNames(), "in:1: not a JSON object at column 1"),
        ("{\"text\":\"a\"} x", FieldNames(), "in:1: not a JSON object at column 14"),
        ("{\"text\":\"a\",}", FieldNames(), "in:1: not a JSON object"),
        ("{\"text\":\"\\ud800\"}", FieldNames(), "in:1: not a JSON object"),
        ("{\"text\":NaN}", FieldNames(), "in:1: not a JSON object"),
        ("{\"body\":\"a\"}", FieldNames(), "in:1: no member \"text\"; name the field that holds the text"),
        ("{\"text\":7}", FieldNames(), "in:1: member \"text\" is a number, expected a string"),
        ("{\"text\":null}", FieldNames(), "in:1: member \"text\" is null, expected a string"),
        ("{\"text\":[\"a\"]}", FieldNames(), "in:1: member \"text\" is an array, expected a string"),
        ("{\"text\":\"a\"}", FieldNames(id: "key"), "in:1: no member \"key\" for the id"),
        ("{\"text\":\"a\",\"key\":{}}", FieldNames(id: "key"), "in:1: member \"key\" is an object"),
    ]

    @Test(arguments: errors)
    func `a bad line is an error that names it, and the next line can be read`(
        line: String, fields: FieldNames, expected: String
    ) {
        let given = read(line + "\n{\"text\":\"good\",\"key\":1}\n", fields)
        #expect(given.count == 2)
        #expect("\(given[0])".contains(expected), "\(given[0])")
        #expect(texts(given).last == "good")
    }

    @Test(arguments: ["", "{\"text\":\"a\",\"x\":"])
    func `deep nesting is an error, not a crash`(prefix: String) {
        let given = read(prefix + String(repeating: "[", count: 100_000))
        #expect(given.count == 1)
        #expect("\(given)".contains("in:1: not a JSON object"))
    }

    @Test func `invalid UTF-8 inside a string is an error`() {
        let given = readAll(
            JSONLReader(.bytes(Array("{\"text\":\"".utf8) + [0xFF] + Array("\"}".utf8)), fields: FieldNames())
        )
        #expect("\(given)".contains("in:1: not a JSON object at column 10"))
    }
}
