#if Command

import MartletTestSupport
import MartletJSON
import Testing

@testable import MartletCLI

/// `martlet bench` on texts of its caller's. Serialized: each test loads a model.
@Suite(.serialized) struct BenchTests {
    private let folder: TemporaryFolder
    private let model = "\(ProcessTests.fixtures)/models/bert-mini"

    init() throws { folder = try TemporaryFolder() }

    private func bench(_ arguments: [String]) throws -> JSONValue {
        let ended = try Command.run(["bench", "-m", model, "--json"] + arguments)
        #expect(ended.status == 0, "\(ended.error)")
        return try JSONValue.parse(ended.output)
    }

    @Test func `a corpus is measured in rounds, and its vectors are those of embed`() throws {
        let corpus = try folder.file(
            "x.jsonl", "{\"body\":\"a cat\"}\n{\"body\":\"a dog barks\"}\n{\"body\":\"\"}\n")
        let vectors = "\(folder.path)/vectors.npy"
        let value = try bench(["-f", corpus, "--field", "body", "--rounds", "3", "--vectors", vectors])
        let measured = value["corpus"]
        #expect(measured?["texts"]?.int == 3)
        #expect(measured?["truncated"]?.int == 0)
        #expect(measured?["rounds"]?.array?.count == 3)
        #expect(measured?["tokens_per_second"]?.double ?? 0 > 0)
        #expect(value["lengths"] == nil)
        #expect(value["query"] == nil)

        let expected = "\(folder.path)/expected.npy"
        let embedded = try Command.run([
            "embed", "-m", model, "-f", corpus, "--field", "body", "-o", expected, "-q",
        ])
        #expect(embedded.status == 0, "\(embedded.error)")
        #expect(try folder.contents("vectors.npy") == folder.contents("expected.npy"))
    }

    @Test func `the limit takes the first texts, and the tokenizer counts the tokens that the model gets`()
        throws
    {
        let texts = [
            "a cat", "the house was near a river", "how water could move through old stone walls", "friends",
        ]
        let corpus = try folder.file("x.txt", texts.joined(separator: "\n"))
        let arguments = ["-f", corpus, "--input", "lines", "--limit", "3", "--max-tokens", "6"]
        let whole = try bench(arguments)["corpus"]
        let tokens = try bench(arguments + ["--tokenize-only", "--rounds", "2"])["tokenizer"]
        #expect(whole?["texts"]?.int == 3)
        #expect(tokens?["tokens"]?.int ?? -1 == whole?["tokens"]?.int)
        #expect(tokens?["truncated"]?.int == 2)
        #expect(whole?["truncated"]?.int == 2)
        #expect(tokens?["rounds"]?.array?.count == 2)
    }

    @Test func `several lengths follow one option`() throws {
        let lengths = try bench(["--lengths", "8", "16", "--tokens", "32", "--queries", "1"])["lengths"]
        #expect(lengths?.array?.count == 2)
    }

    @Test func `queries come from a file in turn`() throws {
        let queries = try folder.file("q.jsonl", "a cat\na dog\n")
        let value = try bench(["--queries-from", queries, "--queries", "5"])
        #expect(value["query"]?["count"]?.int == 5)
        #expect(value["query"]?["p50_ms"]?.double ?? 0 > 0)
        #expect(value["lengths"] == nil)
        #expect(value["corpus"] == nil)
    }

    @Test func `queries are measured after pauses and beside busy neighbours`() throws {
        let queries = try folder.file("q.txt", "a cat\na dog\n")
        let value = try bench([
            "--queries-from", queries, "--queries", "3", "--pauses", "0", "1", "--neighbours", "0", "1",
        ])
        let found = try #require(value["queries"]?.array)
        #expect(found.map { $0["pause_ms"]?.int } == [nil, 1, 0, 1])
        #expect(found.map { $0["neighbours"]?.int } == [nil, 0, 1, 1])
        #expect(found.allSatisfy { $0["count"]?.int == 3 && $0["p99_ms"]?.double ?? 0 > 0 })
        let refused = try Command.run(["bench", "-m", model, "--pauses", "99999"])
        #expect(refused.status == 2 && refused.error.contains("--pauses 99999"), "\(refused.error)")
    }

    @Test func `a person reads lines, not JSON`() throws {
        let corpus = try folder.file("x.txt", "a cat\na dog\n")
        let ended = try Command.run([
            "bench", "-m", model, "-f", corpus, "--input", "lines", "--queries-from", corpus, "--queries",
            "2",
        ])
        #expect(ended.status == 0)
        #expect(
            ended.lines.contains { $0.hasPrefix("corpus ") && $0.contains("(2 texts, ") }, "\(ended.text)")
        #expect(ended.lines.contains { $0.hasPrefix("one query  ") }, "\(ended.text)")
        #expect(!ended.text.contains("tokens/text"))
    }

    static let mistakes: [([String], String)] = [
        (["--limit", "3"], "--limit is about the texts of files"),
        (["--field", "x"], "--field is about the texts of files"),
        (["--tokenize-only"], "name them with -f"), (["-f", "x", "--limit", "0"], "--limit 0"),
        (["--rounds", "0"], "--rounds 0"),
        (["-f", "x", "--tokenize-only", "--vectors", "y"], "makes no vectors"),
        (["-f", "x", "--tokenize-only", "--lengths", "16"], "drop --queries-from and --lengths"),
    ]

    @Test(arguments: mistakes) func `options that do not fit end with 2`(
        arguments: [String], expected: String
    ) throws {
        let ended = try Command.run(["bench"] + arguments)
        #expect(ended.status == 2)
        #expect(ended.error.contains(expected), "\(ended.error)")
    }

    @Test func `an empty corpus, a missing one and one that is also the output are errors`() throws {
        let empty = try folder.file("empty.txt", "")
        let nothing = try Command.run(["bench", "-m", model, "-f", empty, "--input", "lines"])
        #expect(nothing.status == 1)
        #expect(nothing.error.contains("empty.txt: no text; -f needs at least one"))
        #expect(try Command.run(["bench", "-f", "\(folder.path)/none.txt"]).status == 1)
        let same = try Command.run(["bench", "-f", empty, "--vectors", empty])
        #expect(same.status == 2)
        #expect(same.error.contains("both input and --vectors"))
    }

    @Test func `the median is the round in the middle, the lower of two`() {
        #expect(BenchRate().median == 0)
        #expect(BenchRate(seconds: [3, 1, 2]).median == 2)
        #expect(BenchRate(seconds: [4, 1, 3, 2]).median == 2)
        #expect(BenchRate(texts: 4, tokens: 10, seconds: [0.5]).tokensPerSecond == 20)
        #expect(BenchRate(texts: 4, tokens: 10, seconds: [0.5]).textsPerSecond == 8)
        #expect(BenchRate(texts: 4, tokens: 10).length == 2)
    }
}

#endif
