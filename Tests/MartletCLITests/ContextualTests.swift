#if Command

import MartletTestSupport
import Martlet
import MartletJSON
import Testing

@testable import MartletCLI

/// The built command with a model that reads a corpus. Serialized: each one loads a model.
@Suite(.serialized) struct ContextualProcessTests {
    private let model = "\(ProcessTests.fixtures)/contextual/cde"
    private let sample = ["zopa balo", "tuka", "balo tuka zuge"]

    @Test func `texts are embedded in the context of a sample`() throws {
        let embedder = try ContextualEmbedder(modelAt: model, configuration: .init(precision: .f32))
        let expected = try embedder.model(in: embedder.corpusBlocking(sample)).embedBlocking(
            ["zuge", "balo"], as: .query)
        let folder = try TemporaryFolder()
        let files = [
            ("sample.txt", sample.joined(separator: "\n") + "\n", []),
            ("sample.jsonl", sample.map { "{\"body\":\"\($0)\"}\n" }.joined(), ["--corpus-field", "body"]),
            ("sample.csv", "body,text\n" + sample.map { "x,\($0)\n" }.joined(), []),
        ]
        for (name, text, options) in files {
            _ = try folder.file(name, text)
            let ended = try Command.run(
                ["embed", "zuge", "balo", "--model", model, "--precision", "f32", "--as", "query"]
                    + ["--corpus-sample", "\(folder.path)/\(name)"] + options)
            #expect(
                ended.status == 0
                    && ended.error.contains("has 3 documents, the model takes 7: they are repeated"),
                "\(ended.error)")
            try #require(ended.lines.count == 2)
            for (line, vector) in zip(ended.lines, expected) {
                let found =
                    try JSONValue.parse(utf8: String(line))["embedding"]?.array?.compactMap(\.double) ?? []
                #expect(found.map { Float($0) } == Array(vector), "\(name)")
            }
        }
    }

    @Test func `the sample is not written over`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("sample.jsonl", "{\"text\":\"zopa\"}\n")
        let ended = try Command.run(["embed", "zuge", "--model", model, "--corpus-sample", path, "-o", path])
        #expect(
            ended.status == 2 && ended.error.contains("sample.jsonl: is both input and output"),
            "\(ended.error)")
        #expect(try folder.text("sample.jsonl") == "{\"text\":\"zopa\"}\n")
    }

    @Test func `what does not fit says what to do`() throws {
        let folder = try TemporaryFolder()
        _ = try folder.file("sample.txt", "zopa\n")
        _ = try folder.file("empty.txt", "")
        let corpus = ["--corpus-sample", "\(folder.path)/sample.txt"]
        let named = ["--model", model]
        for (arguments, status, part) in [
            (named, Int32(2), "with a sample of its documents"),
            (corpus, 2, "is for models that read a corpus"),
            (
                corpus + ["--model", "\(ProcessTests.fixtures)/models/bert-mini"], 2,
                "is for models that read a corpus"
            ),
            (["--corpus-field", "a"], 2, "is for --corpus-sample"),
            (named + corpus + ["--corpus-field", "a"], 2, "is read by lines"),
            (named + corpus + ["--pooling", "cls"], 2, "takes the mean"),
            (named + corpus + ["--pooling", "none"], 2, "takes the mean"),
            (
                named + ["--corpus-sample", "\(folder.path)/empty.txt"], 1,
                "the sample of the corpus is empty"
            ),
            (named + ["--corpus-sample", "\(folder.path)/none.txt"], 1, "none.txt"),
            (named + corpus + ["--kind", "sparse"], 2, "is for models that read a corpus"),
            (named + corpus + ["--kind", "dense", "--dimensions", "41"], 2, "the model has 40"),
        ] {
            let ended = try Command.run(["embed", "zuge"] + arguments)
            #expect(
                ended.status == status && ended.error.contains(part),
                "\(arguments): \(ended.status) \(ended.error)")
        }
        let rank = try Command.run(["rerank", "zuge", "balo", "--by-similarity"] + named)
        #expect(rank.status == 1 && rank.error.contains("martlet embed --corpus-sample"), "\(rank.error)")
    }

    @Test func `inspect shows both stages`() throws {
        let text = try Command.run(["inspect", model]).text
        #expect(
            text.contains("NOMIC_BERT(3 × 40, 5 heads)")
                && text.contains("NOMIC_BERT(2 × 40, 5 heads) after 7 + 8 tokens"), "\(text)")
        let json = try JSONValue.parse(utf8: try Command.run(["inspect", model, "--json"]).text)
        #expect(json["kind"]?.string == "contextual" && json["dimensions"]?.int == 40)
    }
}

#endif
