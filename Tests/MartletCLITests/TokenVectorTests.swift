#if Command

import Martlet
import MartletJSON
import Synchronization
import Testing

@testable import MartletCLI

@Suite struct TokenSinkTests {
    private static let record = Record(text: "two words", id: .text("a"), index: 0, source: "in", line: 1)
    private static let rows = Rows(tokens: [["[CLS]", "\"\n"]], dimensions: 2, vectors: [0.5, -1, 1e-10, 3.25])

    private func write(_ format: OutputFormat, _ rows: Rows = rows) throws -> String {
        let folder = try TemporaryFolder()
        let sink = try format.open(try .file("\(folder.path)/out"), RowShape(width: 2, kind: .float32))
        let writer = RowWriter(sink)
        try writer.write([Self.record], rows)
        try writer.end()
        return try folder.text("out")
    }

    @Test func `jsonl has the tokens and a vector to each`() throws {
        #expect(
            try write(.jsonl) == "{\"id\":\"a\",\"tokens\":[\"[CLS]\",\"\\\"\\n\"],\"embedding\":[[0.5,-1.0],[1e-10,3.25]]}\n")
        #expect(
            try write(.jsonl, Rows(tokens: [["x"]], dimensions: 2, vectors: [1, 2]))
                == "{\"id\":\"a\",\"tokens\":[\"x\"],\"embedding\":[[1.0,2.0]]}\n",
            "a single vector is a list of one")
    }

    @Test func `json is an array of the same objects`() throws {
        let object = try #require(try JSONValue.parse(utf8: write(.json)).array?.first)
        #expect(object["tokens"]?.array?.count == 2)
        #expect(object["embedding"]?[1]?[1]?.double == 3.25)
    }

    @Test func `text is a line a token, whatever stands in it`() throws {
        #expect(
            try write(.text) == """
                a  "two words"
                    2 tokens × 2 dimensions
                    [CLS]   0.5000  -1.0000
                    "       0.0000   3.2500

                """)
        let wide = try write(.text, Rows(tokens: [["x"]], dimensions: 7, vectors: [1, 2, 3, 4, 5, 6, 7]))
        #expect(wide.hasSuffix("    1 token × 7 dimensions\n    x   1.0000   2.0000   3.0000   4.0000   5.0000   6.0000 …\n"))
    }
}

/// As many tokens as characters, each with a vector of two numbers; takes a few texts a call.
private struct FakeTokenEngine: TextEngine {
    let most: Int

    func count(ofFirst records: ArraySlice<Record>) -> Int { min(most, records.count) }

    func embed(_ texts: [String]) throws -> EngineResult {
        #expect((1...most).contains(texts.count))
        if let bad = texts.firstIndex(where: { $0.hasPrefix("bad") }) { throw TextError(index: bad, message: "too bad") }
        let tokens = texts.map { $0.map { String($0) } }
        return EngineResult(
            rows: Rows(tokens: tokens, dimensions: 2, vectors: tokens.flatMap { $0.indices.flatMap { [Float($0), 1] } }),
            tokens: tokens.reduce(0) { $0 + $1.count }, truncated: texts.indices.filter { texts[$0].hasPrefix("long") },
            blank: texts.count { $0 == " " })
    }
}

@Suite struct TokenPipelineTests {
    @Test(arguments: [1, 5], [false, true])
    func `an engine gets as many texts as it takes, and all come out in order`(most: Int, withBadTexts: Bool) throws {
        let folder = try TemporaryFolder()
        let texts = (0..<3000).map { withBadTexts && $0 % 3 == 0 ? "bad" : $0 % 7 == 0 ? " " : $0 % 11 == 0 ? "long" : "\($0)" }
        let path = try folder.file("in.txt", texts.map { $0 + "\n" }.joined())
        let plan = try InputPlan(texts: [], files: [path], format: .lines, field: nil, id: nil, standardInputIsTerminal: true)
        let sink = try OutputFormat.jsonl.open(try .file("\(folder.path)/out"), RowShape(width: 2, kind: .float32))
        let counts = try EmbedPipeline(input: plan, engine: FakeTokenEngine(most: most), writer: RowWriter(sink), skipsErrors: withBadTexts)
            .run()

        let good = texts.indices.filter { texts[$0] != "bad" }
        #expect(counts.texts == good.count)
        #expect(counts.skipped == texts.count - good.count)
        #expect(counts.tokens == good.reduce(0) { $0 + texts[$1].count })
        #expect(counts.blank == texts.count { $0 == " " })
        #expect(counts.truncated == texts.count { $0 == "long" })
        #expect(counts.firstTruncated == texts.firstIndex(of: "long").map { "\(path):\($0 + 1)" })
        let lines = try folder.text("out").split(separator: "\n")
        #expect(lines.count == good.count)
        for (line, index) in zip(lines, good) {
            let object = try JSONValue.parse(utf8: String(line))
            try #require(object["index"]?.int == index)
            try #require(object["tokens"]?.array?.compactMap(\.string) == texts[index].map { String($0) })
            try #require(object["embedding"]?.array?.compactMap { $0[0]?.double } == (0..<texts[index].count).map(Double.init))
        }
    }
}

@Suite struct EmbedPoolingTests {
    @Test func `embed takes the library's poolings and none`() {
        #expect(EmbedPooling(argument: "none") == .tokens)
        #expect(EmbedPooling(argument: "mean_sqrt_len") == .text(.meanSqrtLen))
        #expect(EmbedPooling(argument: "tokens") == nil)
        #expect(EmbedPooling.allValueStrings == Pooling.allCases.map(\.rawValue) + ["none"])
        for name in EmbedPooling.allValueStrings { #expect(EmbedPooling(argument: name)?.defaultValueDescription == name) }
    }
}

/// The built command. Serialized: each one loads a model.
@Suite(.serialized) struct TokenVectorProcessTests {
    private let model = "\(ProcessTests.fixtures)/models/bert-mini"

    private func objects(_ ended: Command.Ended) throws -> [JSONValue] { try ended.lines.map { try JSONValue.parse(utf8: String($0)) } }

    @Test func `token vectors are the reference's`() throws {
        let path = "\(ProcessTests.fixtures)/goldens/bert-mini-tokens.jsonl"
        let goldens = try lines(of: path).map { try JSONValue.parse(utf8: $0) }
        let vocabulary = try lines(of: "\(model)/vocab.txt")
        let ended = try Command.run(["embed", "--pooling", "none", "--model", model, "--precision", "f32", "-f", path])
        #expect(ended.status == 0, "\(ended.error)")
        let found = try objects(ended)
        try #require(found.count == goldens.count && !goldens.isEmpty)
        for (index, (row, golden)) in zip(found, goldens).enumerated() {
            #expect(row["index"]?.int == index)
            let ids = (golden["ids"]?.array ?? []).compactMap(\.int)
            #expect(row["tokens"]?.array?.compactMap(\.string) == ids.map { vocabulary[$0] })
            let values = try numbers(row["embedding"])
            let expected = try numbers(golden["tokenVectors"])
            try #require(values.map(\.count) == expected.map(\.count) && expected.count == ids.count)
            let difference = zip(values.joined(), expected.joined()).map { ($0 - $1).magnitude }.max() ?? .infinity
            #expect(difference < 1e-4, "line \(index + 1)")
        }
    }

    private func lines(of path: String) throws -> [String] {
        String(decoding: try readFile(path), as: UTF8.self).split(separator: "\n").map { String($0) }
    }

    private func numbers(_ value: JSONValue?) throws -> [[Double]] {
        try #require(value?.array).map { try #require($0.array).compactMap(\.double) }
    }

    @Test func `ids, cuts, blank texts and errors are as for vectors of texts`() throws {
        let base = ["embed", "--pooling", "none", "--model", model, "--max-tokens", "4", "--field", "text"]
        let input = "{\"id\":7,\"text\":\"a\"}\n{\"id\":8}\n{\"id\":9,\"text\":\"a a a a a\"}\n{\"id\":10,\"text\":\"\"}\n"
        let cut = try Command.run(base + ["--on-error", "skip"], input: input)
        #expect(cut.status == 0)
        #expect(try objects(cut).map { $0["id"]?.int } == [7, 9, 10])
        #expect(try objects(cut).map { $0["tokens"]?.array?.count } == [3, 4, 2])
        #expect(cut.error.contains("1 text of 3 was longer than the model's 4 tokens and cut at the end (first: <stdin>:3)"))
        #expect(cut.error.contains("1 record skipped") && cut.error.contains("1 text empty or blank"))
        let failed = try Command.run(base + ["--truncate", "error", "--on-error", "skip"], input: input)
        #expect(try objects(failed).map { $0["id"]?.int } == [7, 10])
        #expect(failed.error.contains("<stdin>:3: the text has 7 tokens"))
        let stopped = try Command.run(base + ["--truncate", "error"], input: "{\"text\":\"a\"}\n{\"text\":\"a a a a a\"}\n")
        #expect(stopped.status == 1)
        #expect(stopped.lines.count == 1)
    }

    @Test func `a model whose files name no pooling has token vectors all the same`() throws {
        let folder = try TemporaryFolder()
        for name in ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"] {
            _ = try folder.file(name, try readFile("\(model)/\(name)"))
        }
        #expect(try Command.run(["embed", "zuge", "--model", folder.path]).error.contains("modules.json"))
        let plain = try Command.run(["embed", "zuge", "--pooling", "none", "--model", folder.path])
        #expect(plain.status == 0, "\(plain.error)")
        #expect(try plain.output == Command.run(["embed", "zuge", "--pooling", "none", "--model", model]).output)
        let missing = try Command.run(["embed", "a", "--pooling", "none", "--model", "\(folder.path)/none"])
        #expect(missing.status == 1)
        #expect(missing.error.contains("\(folder.path)/none"))
    }
}

#endif
