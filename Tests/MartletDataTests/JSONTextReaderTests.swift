import Testing

@testable import MartletData

@Suite struct JSONTextReaderTests {
    private func read(
        _ text: String, _ fields: FieldNames = FieldNames(), step: Int = .max, limit: Int = 1 << 20
    ) -> [Given] {
        readAll(
            JSONTextReader(
                .text(text, step: step), fields: fields,
                limits: ReaderLimits(blockSize: min(step, 4096), recordSize: limit)))
    }

    static let table: [(String, [Given])] = [
        (
            "[{\"text\":\"a\"},{\"id\":7,\"text\":\"b\"}]",
            [.text("a", .none, 1), .text("b", .literal("7"), 1)]
        ),
        (
            "\u{FEFF} [\n {\"text\":\n \"a]\\\"}\"}\n,\n \"plain\\n\"\n]\n",
            [.text("a]\"}", .none, 2), .text("plain\n", .none, 5)]
        ),
        ("[]", []), ("", []), (" \n", []),
        ("{\"text\":\"a\"}\n{\"text\":\"b\"}\n", [.text("a", .none, 1), .text("b", .none, 2)]),
        ("{\n\"text\": \"one object\"\n}", [.text("one object", .none, 1)]),
        ("\"a\" \"b\"", [.text("a", .none, 1), .text("b", .none, 1)]),
        ("[{\"m\":[{\"x\":\"[\"}],\"text\":\"a\"}]", [.text("a", .none, 1)]),
    ]

    @Test(arguments: table, 1...7)
    func `elements of an array are records however the bytes arrive`(
        row: (input: String, expected: [Given]), step: Int
    ) {
        #expect(read(row.input, step: step) == row.expected)
    }

    static let errors: [(String, String, Int)] = [
        ("[{\"body\":\"a\"},{\"text\":\"good\"}]", "in:1: no member \"text\"", 2),
        ("[{\"text\":\"a\" x},{\"text\":\"good\"}]", "in:1: not a JSON object", 2),
        ("[7,{\"text\":\"good\"}]", "in:1: not a JSON object", 2),
        ("[{\"text\":\"a\"} {\"text\":\"b\"}]", "expected a comma or the end of the array", 2),
        ("[{\"text\":\"a\"}", "the text ends before the array does", 2),
        ("[{\"text\":\"a\"},{\"text", "the text ends inside a value", 2),
        ("[{\"text\":\"a\"}] x", "expected the end of the text", 2),
    ]

    @Test(arguments: errors, [1, 3, 1000])
    func `what is not an array of records is an error`(
        row: (input: String, expected: String, count: Int), step: Int
    ) {
        let given = read(row.input, step: step)
        #expect(given.count == row.count)
        #expect("\(given)".contains(row.expected), "\(given)")
    }

    @Test func `a string is no record where a field was named`() {
        #expect("\(read("[\"a\"]", FieldNames(text: "text")))".contains("not a JSON object"))
    }

    @Test(arguments: [1, 5, 1000])
    func `an element over the limit is an error, and the next can be read`(step: Int) {
        let long = "{\"text\":\"" + String(repeating: "x", count: 5000) + "\"}"
        let given = read("[\n\(long),\n{\"text\":\"b\"}]", step: step, limit: 100)
        #expect(given.count == 2)
        #expect("\(given[0])".contains("in:2: longer than"))
        #expect(given[1] == .text("b", .none, 3))
    }

    @Test func `a path counts elements of arrays`() {
        let line =
            "[{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"content\":\"there\"}],\"id\":1}]"
        #expect(read(line, FieldNames(text: "messages.1.content")) == [.text("there", .literal("1"), 1)])
        #expect("\(read(line, FieldNames(text: "messages.2.content")))".contains("no member"))
        #expect(
            "\(read(line, FieldNames(text: "messages")))".contains(
                "name a string in it, such as messages.0.content"))
    }
}
