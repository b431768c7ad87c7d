#if Command

import MartletTestSupport
import MartletJSON
import Testing

@testable import MartletCLI

/// The built command. Serialized: each one loads a model.
@Suite(.serialized) struct KindProcessTests {
    private let fixtures = ProcessTests.fixtures

    private func first(_ arguments: [String]) throws -> JSONValue {
        let ended = try Command.run(["embed"] + arguments)
        #expect(ended.status == 0, "\(ended.error)")
        return try JSONValue.parse(utf8: String(try #require(ended.lines.first)))
    }

    @Test func `a model makes what its files say`() throws {
        let sparse = try first([
            "zuge", "--model", "\(fixtures)/sparse/splade-bert", "--precision", "f32", "--tokens",
        ])
        #expect(sparse["indices"]?.array?.count == 11 && sparse["tokens"]?.array?.count == 11)
        #expect(sparse["embedding"] == nil)
        let cut = try first(["zuge", "--model", "\(fixtures)/sparse/splade-bert", "--max-active-dims", "3"])
        #expect(cut["values"]?.array?.count == 3 && cut["tokens"] == nil)
        let multi = try first(["zuge", "--model", "\(fixtures)/multi/pylate", "--as", "query"])
        #expect(multi["embedding"]?.array?.count == 20 && multi["tokens"]?[1]?.string == "[q] ")
    }

    @Test func `bge-m3 makes all three`() throws {
        let model = "\(fixtures)/sparse/bge-m3"
        #expect(try first(["zuge", "--model", model])["embedding"]?.array?.count == 36)
        #expect(try first(["zuge", "--model", model, "--kind", "sparse"])["indices"]?.array?.count == 1)
        #expect(
            try first(["zuge", "--model", model, "--kind", "multi"])["embedding"]?[1]?.array?.count == 36)
        for (kind, name) in [("dense", "embedder"), ("sparse", "sparse"), ("multi", "late_interaction")] {
            let ended = try Command.run(["inspect", model, "--kind", kind, "--json"])
            #expect(try JSONValue.parse(utf8: ended.text)["kind"]?.string == name)
        }
    }

    @Test func `words need no model, or the built-in one`() throws {
        let bm25 = try first(["cooks cook", "--method", "bm25"])
        #expect(bm25["indices"]?.array?.count == 1 && (bm25["values"]?[0]?.double ?? 0) > 1)
        let bm42 = try first(["how to cook", "--kind", "sparse", "--method", "bm42", "--as", "query"])
        #expect(bm42["indices"] == bm25["indices"] && bm42["values"]?[0]?.double == 1)
        let words = try first(["Cooks cook the pasta_!", "--method", "bm25", "--tokens"])
        #expect(
            Set(words["tokens"]?.array?.compactMap(\.string) ?? []) == ["cook", "pasta_"]
                && words["indices"]?.array?.count == 2)
        let weighed = try first(["how to cook", "--method", "bm42", "--tokens"])
        #expect(weighed["tokens"]?.array?.map(\.string) == ["cook"])
        let listed = try Command.run(["inspect", "--method", "bm25"]).text
        #expect(listed.contains("BM25(k 1.2") && !listed.contains("max tokens"), "\(listed)")
        let pooled = try Command.run(["inspect", "--method", "bm25", "--pooling", "cls"])
        #expect(
            pooled.status == 2 && pooled.error.contains("--pooling: of use to a model alone"),
            "\(pooled.error)")
        #expect(
            try first(["cooks cook", "--method", "bm25", "--threads", "1"])["indices"] == bm25["indices"])
        #expect(
            try Command.run(["inspect", "--method", "bm42"]).text.contains(
                "BERT(6 × 384, 12 heads) → attention of the first token"))
    }

    @Test func `options of other kinds are errors that say so`() throws {
        let model = ["--model", "\(fixtures)/sparse/splade-bert"]
        for (arguments, part) in [
            (["--kind", "sparse"], "name another with --model, or pass --method"),
            (["--method", "bm25", "--model", "x"], "needs no model"),
            (["--method", "bm42", "--kind", "multi"], "is for --kind sparse"),
            (
                ["--method", "bm25", "--task", "separation"],
                "--task: of use to a model alone, and --method bm25 has none; drop it"
            ),
            (
                ["--method", "bm25", "--precision", "f32", "--isa", "scalar"],
                "--precision, --isa: of use to a model alone"
            ),
            (
                ["--method", "bm25", "--max-tokens", "9", "--max-batch-tokens", "9"],
                "--max-tokens, --max-batch-tokens: of use"
            ),
            (model + ["--dimensions", "8"], "not for --kind sparse"),
            (model + ["--pooling", "mean"], "not for --kind sparse"),
            (model + ["--format", "npy", "-o", "x"], "use --format jsonl or json"),
            (model + ["--output-precision", "float16"], "float32"),
            (["--max-active-dims", "3"], "is for --kind sparse"),
            (model + ["--kind", "multi"], "use SparseEmbedder (martlet embed --kind sparse)"),
            (model + ["--kind", "dense"], "--kind sparse"),
        ] {
            let ended = try Command.run(["embed", "zuge"] + arguments)
            #expect(ended.status != 0 && ended.error.contains(part), "\(arguments): \(ended.error)")
        }
    }
}

#endif
