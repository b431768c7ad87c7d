import MartletCompute
import MartletJSON
import Testing

@testable import Martlet

/// Promise 1, same numbers: tiny checkpoints of random weights, each odd in a way of its own, against
/// sentence-transformers.
///
/// bert-narrow and bert-odd have hidden sizes, heads and feed-forward widths that are no multiple of any SIMD
/// register.
@Suite("The tiny models give the numbers of sentence-transformers")
struct TinyModelTests {
    /// Every golden file whose rows a caller can ask for, with its model.
    static let files =
        tinyModels.map { ($0, $0) } + [
            ("bert-mini", "bert-mini-pooling"), ("bert-mini", "bert-mini-pooling-unnormalized"),
        ]

    @Test(arguments: files, InstructionSet.here)
    func f32(_ file: (model: String, goldens: String), _ isa: InstructionSet) throws {
        let rows = try GoldenRow.read(file.goldens)
        let agreement = Agreement(try embedder(file.model, .f32, isa).embed(rows), rows)
        #expect(
            agreement.worst >= 0.99999 && agreement.difference < 1e-4, "\(file.goldens), \(isa): \(agreement)"
        )
    }

    /// Random weights are several times as large as trained ones, and so are rounding errors: the bounds
    /// leave a margin to what was measured on all instruction sets, and would not let a wrong kernel pass.
    @Test(arguments: tinyModels, InstructionSet.here)
    func narrowPrecisions(_ model: String, _ isa: InstructionSet) throws {
        // A cut leaves as little as one dimension, whose sign alone makes the cosine.
        let rows = try GoldenRow.read(model).filter { $0.options.dimensions == nil }
        for (precision, worst, mean) in [
            (Precision.bf16, Float(0.9998), Float(0.9999)), (.int8, 0.998, 0.9995),
        ] {
            let agreement = Agreement(try embedder(model, precision, isa).embed(rows), rows)
            #expect(
                agreement.worst >= worst && agreement.mean >= mean,
                "\(model), \(precision), \(isa): \(agreement)")
        }
    }

    @Test(arguments: tinyModels + ["bert-dense-exclude-prompt", "bert-mini-pooling"])
    func tokenIDs(_ goldens: String) throws {
        let model = try #require(tinyModels.first { goldens.hasPrefix($0) })
        let embedder = try embedder(model)
        for row in try GoldenRow.read(goldens) {
            let tokens = try embedder.tokenize(row.text, as: row.role, options: row.options)
            #expect(
                tokens.ids == row.ids && tokens.total == row.total && tokens.ids.count == row.tokens,
                "\(row.text.prefix(60))")
            #expect(
                tokens.isTruncated == (row.total ?? 0 > row.tokens) && tokens.tokens.count == tokens.ids.count
            )
            #expect(
                try embedder.tokenizeWhole(row.text, as: row.role, options: row.options).ids.count
                    == row.total)
        }
    }

    @Test(arguments: InstructionSet.here)
    func tokenVectors(_ isa: InstructionSet) async throws {
        let embedder = try embedder("bert-mini", .f32, isa)
        for row in try GoldenRow.read("bert-mini-tokens") {
            let found = try await embedder.tokenVectors(of: row.text, as: row.role, options: row.options)
            #expect(
                found.ids == row.ids && found.vectors.count == row.tokenVectors.count
                    && found.vectors.dimensions == 32)
            expectClose(
                found.vectors.floats, row.tokenVectors.flatMap { $0 }, within: 1e-4,
                "\(isa), \(row.text.prefix(30))")
        }
    }

    /// Several modes at once, and pooling without the prompt, are the model's to say: the folder's pooling is
    /// edited.
    @Test(arguments: [
        (
            "bert-mini", "bert-mini-pooling-joined",
            #"{"word_embedding_dimension":32,"pooling_mode_cls_token":true,"pooling_mode_max_tokens":true,"pooling_mode_mean_tokens":true}"#
        ),
        (
            "bert-dense", "bert-dense-exclude-prompt",
            #"{"word_embedding_dimension":48,"pooling_mode_mean_tokens":true,"include_prompt":false}"#
        ),
    ])
    func poolingOfTheModel(_ model: String, _ goldens: String, _ pooling: String) throws {
        let folder = try ModelCopy(of: model)
        try folder.write("1_Pooling/config.json", Array(pooling.utf8))
        let rows = try GoldenRow.read(goldens)
        let agreement = Agreement(
            try Embedder(modelAt: folder.path, configuration: .init(threads: 2, precision: .f32)).embed(rows),
            rows)
        #expect(agreement.worst >= 0.99999 && agreement.difference < 1e-4, "\(goldens): \(agreement)")
    }

    /// Heads from one value wide to the whole row: every instruction set agrees with the plain C kernels.
    @Test(arguments: [1, 2, 8, 16, 32])
    func headSizes(_ heads: Int) throws {
        let copy = try ModelCopy(of: "bert-mini")
        try copy.edit("config.json", [(#"heads": 4"#, #"heads": \#(heads)"#)])
        let texts = try GoldenRow.read("bert-mini").filter { $0.options == .init() }.map(\.text)
        for (precision, least) in [(Precision.f32, Float(0.99999)), (.bf16, 0.9995), (.int8, 0.998)] {
            func vectors(_ isa: InstructionSet) throws -> Embeddings {
                try Embedder(
                    modelAt: copy.path,
                    configuration: .init(threads: 2, precision: precision, instructionSet: isa)
                ).embedBlocking(
                    texts)
            }
            let scalar = try vectors(.scalar)
            for isa in InstructionSet.here {
                let worst =
                    try zip(try vectors(isa), scalar).map { try $0.cosineSimilarity(to: $1) }.min() ?? 0
                #expect(worst >= least, "\(heads) heads, \(precision), \(isa)")
            }
        }
    }

    @Test func whatIsKnownOfAModel() throws {
        let model = try embedder("bert-dense", threads: 3).model
        #expect(
            model.architecture == "bert" && model.layers == 2 && model.hiddenSize == 48 && model.heads == 4)
        #expect(
            model.intermediateSize == 96 && model.vocabularySize == 520 && model.maxTokens == 128
                && model.dimensions == 24)
        #expect(
            model.pooling == [.mean] && model.normalizes
                && model.prompts == ["query": "query: ", "document": "passage: "])
        #expect(
            model.defaultPromptName == "document" && model.weightType == "f16" && model.threads == 3
                && model.precision == "f32")
        #expect(
            model.name == "bert-dense" && model.path == Goldens.path("models/bert-dense")
                && model.notes.isEmpty)
        #expect(model.pipeline.hasSuffix("BERT(2 × 48, 4 heads) → mean → dense(48→24, tanh) → normalize"))
    }
}
