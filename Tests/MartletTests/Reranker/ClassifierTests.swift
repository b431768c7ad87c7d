import MartletJSON
import MartletModels
import Testing

@testable import Martlet

/// Promise 1, same numbers, for models that score: tiny checkpoints against sentence-transformers'
/// CrossEncoder.
@Suite("Classifiers give the numbers of CrossEncoder")
struct ClassifierTests {
    static let cases = [
        "bert-cross", "bert-legacy", "bert-labels", "distilbert", "roberta", "xlm-roberta", "camembert",
        "jina-flash", "electra", "deberta-cross", "deberta-labels", "mpnet",
        "modernbert-cls", "modernbert-mean", "gte", "gte-new", "nomic-bert", "jina-embeddings-v3",
        "jina-bert", "eurobert-bos",
        "eurobert-mean", "eurobert-late", "qwen2", "qwen3", "mistral", "gemma3", "qwen3-reranker",
        "qwen3-reranker-cross", "bert-tags",
    ]

    /// All inputs in one call, and each alone, to the bit.
    @Test(arguments: cases, InstructionSet.here)
    func f32(_ name: String, _ isa: InstructionSet) throws {
        let tiny = try TinyClassifier(name)
        let reranker = try tiny.reranker(.f32, isa)
        let together = try tiny.logits(reranker)
        let agreement = LogitAgreement(together, tiny.rows.map(\.logits))
        #expect(agreement.difference <= 1e-4 && agreement.cosine >= 0.99999, "\(name), \(isa): \(agreement)")
        let alone = try tiny.reranker(.f32, isa, threads: 1)
        for (row, logits) in zip(tiny.rows, together) {
            let single = try alone.predictBlocking([row.input], options: .init(activation: .raw))[0].map(
                \.score)
            #expect(single.map(\.bitPattern) == logits.map(\.bitPattern), "\(name), \(isa): \(row.input)")
        }
    }

    /// The same models as llama.cpp's converter writes them. Its form has no place for the limit of a
    /// tokenizer's configuration.
    @Test(arguments: [("bert-cross", 48), ("jina-bert", 64), ("qwen3-reranker", 320)])
    func gguf(_ name: String, limit: Int) throws {
        let tiny = try TinyClassifier(name)
        let reranker = try Reranker(
            modelAt: tiny.path + "/model.gguf",
            configuration: .init(threads: 2, precision: .f32, maxTokens: limit))
        #expect(reranker.model.kind == .reranker && reranker.model.labels.count == 1)
        let agreement = LogitAgreement(try tiny.logits(reranker), tiny.rows.map(\.logits))
        #expect(agreement.difference <= 1e-4 && agreement.cosine >= 0.99999, "\(name): \(agreement)")
        for row in tiny.rows {
            #expect(try reranker.tokenize(row.input).ids == row.ids, "\(name): \(row.input)")
        }
        let error = #expect(throws: MartletError.self) { try Embedder(modelAt: tiny.path + "/model.gguf") }
        #expect(error?.remedy == .loadAs(.reranker))
    }

    /// Ids, token types, where a long pair is cut, and the model's own activation.
    @Test(arguments: cases)
    func inputsAndScores(_ name: String) throws {
        let tiny = try TinyClassifier(name)
        let reranker = try tiny.reranker()
        for row in tiny.rows {
            let text = try reranker.classifier.tokenized(row.input, .init())
            #expect(text.ids.map(Int.init) == row.ids && text.total == row.total, "\(name): \(row.input)")
            if let types = text.types { #expect(types == row.types, "\(name): \(row.input)") }
            // Without a table of types the encoder does not see those of the tokenizer.
            let hasTypes = reranker.classifier.engine.encoder.shape.typeVocabularySize > 1
            #expect(text.types != nil || row.types.allSatisfy { $0 == 0 } || !row.isPair || !hasTypes)
            let logits = try reranker.predictBlocking([row.input], options: .init(activation: .raw))[0].map(
                \.score)
            if logits.count == 1 {
                expectClose([reranker.classifier.score(logits[0], .init())], row.scores, within: 1e-4, name)
            }
            if name == "bert-tags" {
                expectClose(
                    try reranker.predictBlocking([row.input])[0].map(\.score), row.scores, within: 1e-4, name)
            }
        }
        let pairs = tiny.rows.filter(\.isPair)
        let usage = try reranker.predictBlocking(pairs.map(\.input)).usage
        #expect(usage.tokens == pairs.reduce(0) { $0 + $1.ids.count })
        #expect(
            usage.truncatedInputs == pairs.indices.filter { pairs[$0].total > pairs[$0].ids.count }
                && !usage.truncatedInputs.isEmpty)
    }

    /// Random weights are several times as large as trained ones, and so are rounding errors: the bounds
    /// leave a margin to what was measured on all instruction sets, and would not let a wrong kernel pass.
    @Test(arguments: cases, InstructionSet.here)
    func narrowPrecisions(_ name: String, _ isa: InstructionSet) throws {
        let tiny = try TinyClassifier(name)
        for (precision, difference, cosine) in [(Precision.bf16, Float(0.1), 0.9993), (.int8, 0.35, 0.997)] {
            let reranker = try tiny.reranker(precision, isa)
            let together = try tiny.logits(reranker)
            let agreement = LogitAgreement(together, tiny.rows.map(\.logits))
            #expect(
                agreement.difference <= difference && agreement.cosine >= cosine,
                "\(name), \(precision), \(isa): \(agreement)")
            for (row, logits) in zip(tiny.rows, together).suffix(3) {
                let single = try reranker.predictBlocking([row.input], options: .init(activation: .raw))[0]
                    .map(\.score)
                #expect(single.map(\.bitPattern) == logits.map(\.bitPattern), "\(name), \(precision), \(isa)")
            }
        }
    }
}
