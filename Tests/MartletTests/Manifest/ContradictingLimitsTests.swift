import Testing

@testable import Martlet

/// Files that contradict each other are read as sentence-transformers reads them, and the model says so.
@Suite("Contradicting limits of a text's length")
struct ContradictingLimitsTests {
    /// Qwen3-Embedding is published so: no sentence_bert_config.json, and a tokenizer's limit four times the
    /// encoder's positions.
    @Test func theTokenizerAllowsMoreThanTheEncoder() throws {
        let copy = try ModelCopy(of: "bert-mini", without: ["sentence_bert_config.json"])
        try copy.write(
            "tokenizer_config.json",
            Array(#"{"tokenizer_class":"PreTrainedTokenizerFast","model_max_length":131072}"#.utf8))
        try expect(
            copy, limit: 256,
            note: "The files allow 131072 tokens, but the encoder has 256 positions; the limit is 256.")
        let shorter = try Embedder(modelAt: copy.path, configuration: .init(threads: 1, maxTokens: 64))
        #expect(shorter.model.maxTokens == 64)
    }

    @Test func theModelAllowsMoreThanTheEncoder() throws {
        let copy = try ModelCopy(of: "bert-mini")
        try copy.edit("sentence_bert_config.json", [("224", "257")])
        try expect(
            copy, limit: 256,
            note: "The files allow 257 tokens, but the encoder has 256 positions; the limit is 256.")
    }

    private func expect(
        _ copy: ModelCopy, limit: Int, note: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let embedder = try Embedder(modelAt: copy.path, configuration: .init(threads: 1))
        #expect(
            embedder.model.maxTokens == limit && embedder.model.notes == [note],
            sourceLocation: sourceLocation)
        let tokens = try embedder.tokenize(String(repeating: "zopa ", count: 400))
        #expect(tokens.ids.count == limit && tokens.total == 402, sourceLocation: sourceLocation)
    }
}
