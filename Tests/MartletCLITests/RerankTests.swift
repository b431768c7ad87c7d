#if Command

import MartletTestSupport
import MartletJSON
import Testing

@testable import MartletCLI

/// `martlet rerank`, as a user runs it.
@Suite(.serialized) struct RerankTests {
    private let folder: TemporaryFolder
    private let model = fixture("classifiers/bert-cross")

    init() throws { folder = try TemporaryFolder() }

    static func fixture(_ name: String, from file: String = #filePath) -> String {
        (file.split(separator: "/", omittingEmptySubsequences: false).dropLast(2) + ["Fixtures", name[...]])
            .joined(separator: "/")
    }

    private func objects(_ ended: Command.Ended) throws -> [JSONValue] {
        #expect(ended.status == 0, "\(ended.error)")
        return try ended.lines.map { try JSONValue.parse(Array($0.utf8)) }
    }

    @Test func documentsComeBestFirst() throws {
        let documents = ["nela", "balo tuka", "zupe fani"]
        let rows = try objects(
            Command.run(["rerank", "-m", model, "--precision", "f32", "balo tuka"] + documents))
        let scores = try rows.map { try #require($0["score"]?.double) }
        #expect(scores == scores.sorted(by: >) && Set(rows.compactMap { $0["index"]?.int }) == [0, 1, 2])
        for row in rows { #expect(row["text"]?.string == documents[row["index"]?.int ?? 0]) }
        let lines = try Command.run(
            ["rerank", "-m", model, "--precision", "f32", "balo tuka"],
            input: documents.joined(separator: "\n"))
        #expect(try objects(lines) == rows)
        let sigmoid = try objects(
            Command.run(
                [
                    "rerank", "-m", model, "--precision", "f32", "--sigmoid", "--top-n", "2", "--no-text",
                    "balo tuka",
                ] + documents))
        #expect(
            sigmoid.count == 2 && sigmoid.map { $0["index"]?.int } == rows.prefix(2).map { $0["index"]?.int })
        #expect(sigmoid.allSatisfy { 0...1 ~= $0["score"]?.double ?? -1 && $0["text"] == nil })
        let raw = try objects(
            Command.run(["rerank", "-m", model, "--precision", "f32", "--raw", "balo tuka"] + documents))
        #expect(raw == rows)
    }

    @Test func idsAndTables() throws {
        let file = try folder.file(
            "d.jsonl", "{\"id\":\"x\",\"body\":\"nela\"}\n{\"id\":7,\"body\":\"balo\"}\n")
        let rows = try objects(Command.run(["rerank", "-m", model, "balo", "-f", file, "--field", "body"]))
        #expect(Set(rows.map { $0["id"]?.string ?? "\($0["id"]?.int ?? -1)" }) == ["x", "7"])
        let table = try Command.run([
            "rerank", "-m", model, "balo", "-f", file, "--field", "body", "--format", "text",
        ])
        #expect(table.lines.count == 2 && table.text.hasPrefix("1  ") && table.text.contains("\"nela\""))
        let json = try Command.run([
            "rerank", "-m", model, "balo", "-f", file, "--field", "body", "--format", "json",
        ])
        #expect(try JSONValue.parse(json.output).array?.count == 2)
        let bad = try folder.file("b.jsonl", "{\"body\":\"nela\"}\n{\"body\":7}\n{\"body\":\"balo\"}\n")
        let stopped = try Command.run(["rerank", "-m", model, "balo", "-f", bad, "--field", "body"])
        #expect(stopped.status == 1 && stopped.error.contains("b.jsonl:2") && stopped.output.isEmpty)
        let skipped = try Command.run([
            "rerank", "-m", model, "balo", "-f", bad, "--field", "body", "--on-error", "skip",
        ])
        #expect(try objects(skipped).count == 2 && skipped.error.contains("b.jsonl:2"))
    }

    @Test func longPairsAreReported() throws {
        let long = String(repeating: "lofe ", count: 90)
        let ended = try Command.run(["rerank", "-m", model, "balo", "nela", long])
        #expect(
            try objects(ended).count == 2 && ended.error.contains("argument 2")
                && ended.error.contains("48 tokens"))
        let stopped = try Command.run(["rerank", "-m", model, "--truncate", "error", "balo", "nela", long])
        #expect(stopped.status == 1 && stopped.error.contains("argument 2"))
        let query = ["rerank", "--by-similarity", String(repeating: "word ", count: 300), "nela"]
        #expect(try Command.run(query).error.contains("the query is longer than the model's 256 tokens"))
        #expect(try Command.run(query + ["--quiet"]).error.isEmpty)
    }

    /// There is no reranker inside the program: similarity stands in only where it is asked for.
    @Test func withoutAModel() throws {
        let none = try Command.run(["rerank", "cook pasta", "a spaghetti recipe"])
        #expect(none.status == 2 && none.error.contains("--by-similarity") && none.error.contains("--model"))
        let rows = try objects(
            Command.run([
                "rerank", "--by-similarity", "cook pasta", "the stock market", "a spaghetti recipe",
                "--top-n", "1",
            ]))
        #expect(rows.count == 1 && rows[0]["index"]?.int == 1)
        for (arguments, expected) in [
            (["--by-similarity", "--raw", "a", "b"], "--by-similarity compares vectors"),
            (["--raw", "--sigmoid", "a", "b"], "contradict"),
            (["--top-n", "0", "a", "b"], "--top-n 0"),
            (["-m", model, "--pooling", "mean", "a", "b"], "--pooling is for vectors"),
            (["-m", model, "--instruction", "x", "a", "b"], "reads none"),
        ] {
            let ended = try Command.run(["rerank"] + arguments)
            #expect(ended.status == 2 && ended.error.contains(expected), "\(arguments): \(ended.error)")
        }
    }

    @Test func modelsOfOtherKinds() throws {
        let embedder = try Command.run(["rerank", "-m", Self.fixture("models/bert-mini"), "a", "b"])
        #expect(
            embedder.status == 1
                && embedder.error.contains("rank by similarity (martlet rerank --by-similarity)"))
        let bad = try Command.run(["rerank", "--by-similarity", "a"], input: [0xFF, 0x0A])
        #expect(bad.status == 1 && bad.error.contains("--on-error skip"), "\(bad.error)")
        let reranker = try Command.run(["embed", "-m", model, "a"])
        #expect(reranker.status == 1 && reranker.error.contains("martlet rerank"))
    }

    @Test func inspectShowsTheWholePipeline() throws {
        let text = try Command.run(["inspect", model])
        #expect(
            text.status == 0 && text.text.contains("first → dense(36→36, tanh) → dense(36→1) → raw"),
            "\(text.error)")
        #expect(text.text.contains("[CLS] A [SEP] B [SEP]"))
        let json = try JSONValue.parse(
            Command.run(["inspect", Self.fixture("classifiers/bert-labels"), "--json"]).output)
        #expect(
            json["kind"]?.string == "classifier" && json["activation"]?.string == "softmax"
                && json["labels"]?.array?.count == 3)
        let asked = try Command.run(["inspect", Self.fixture("classifiers/qwen3-reranker")])
        #expect(
            asked.text.contains("<Document>: B") && asked.text.contains("sigmoid")
                && asked.text.contains("card of Qwen3-Reranker"))
    }
}

#endif
