import MartletJSON
import Testing

@testable import Martlet

/// A sample of a corpus and texts in its context, see Scripts/contextual-goldens.py.
private struct ContextualGolden {
    let sample: [String]
    let vectors: [[Float]]
    var rows: [(text: String, role: TextRole?, tokens: Int, embedding: [Float])] = []

    static func folder(_ model: String) -> String { Goldens.path("contextual/\(model)") }

    static func read(_ model: String) throws -> [ContextualGolden] {
        var goldens: [ContextualGolden] = []
        for json in try SparseGolden.lines(folder(model) + "/goldens.jsonl") {
            if let sample = json["sample"]?.array {
                let vectors = try #require(json["vectors"]?.array).map { row in
                    try #require(row.array).map { Float(try #require($0.double)) }
                }
                goldens.append(
                    ContextualGolden(sample: try sample.map { try #require($0.string) }, vectors: vectors))
            } else {
                let row = (
                    text: try json.string("text"), role: try TextRole(golden: json["role"]),
                    tokens: try json.int("tokens"),
                    embedding: try json.floats("embedding")
                )
                goldens[goldens.count - 1].rows.append(row)
            }
        }
        try #require(!goldens.isEmpty && goldens.allSatisfy { !$0.rows.isEmpty })
        return goldens
    }

    static let roles: [TextRole?] = [nil, .query, .document]
}

/// The worst cosine and the largest difference of vectors to the expected ones.
private func agreement(_ found: some Sequence<Embedding>, _ expected: [[Float]]) -> (
    cosine: Float, difference: Float
) {
    var result: (cosine: Float, difference: Float) = (1, 0)
    var count = 0
    for (vector, expected) in zip(found, expected) {
        count += 1
        guard vector.count == expected.count else { return (-1, .infinity) }
        let cosine = (try? vector.cosineSimilarity(to: Embedding(expected))) ?? -1
        if !(cosine >= result.cosine) { result.cosine = cosine }
        for (a, b) in zip(vector, expected) where !(abs(a - b) <= result.difference) {
            result.difference = abs(a - b)
        }
    }
    return count == expected.count ? result : (-1, .infinity)
}

/// Both stages give the vectors of the published definition, alone and in company.
@Suite("ContextualEmbedder")
struct ContextualEmbedderTests {
    static let models = ["cde", "cde-turned"]

    private func embedder(
        _ model: String, _ configuration: ModelConfiguration = .init(threads: 2, precision: .f32)
    ) throws
        -> ContextualEmbedder
    {
        try ContextualEmbedder(modelAt: ContextualGolden.folder(model), configuration: configuration)
    }

    @Test(arguments: models, InstructionSet.here)
    func f32(_ model: String, _ isa: InstructionSet) throws {
        let embedder = try embedder(model, .init(threads: 2, precision: .f32, instructionSet: isa))
        for golden in try ContextualGolden.read(model) {
            let context = try embedder.corpusBlocking(golden.sample)
            let first = agreement(context.vectors, golden.vectors)
            #expect(
                first.cosine >= 0.99999 && first.difference < 1e-4, "\(model), \(isa), first stage: \(first)")
            for role in ContextualGolden.roles {
                let rows = golden.rows.filter { $0.role == role }
                let vectors = try embedder.model(in: context).embedBlocking(rows.map(\.text), as: role)
                let found = agreement(vectors, rows.map(\.embedding))
                #expect(
                    found.cosine >= 0.99999 && found.difference < 1e-4,
                    "\(model), \(isa), \(String(describing: role)): \(found)")
                #expect(vectors.usage.tokens == rows.reduce(0) { $0 + $1.tokens })
                for (row, vector) in zip(rows, vectors) {
                    let alone = try embedder.model(in: context).embedBlocking([row.text], as: role)
                    #expect(alone[0] == vector, "\(model), \(isa): \(row.text.prefix(20)) alone")
                }
            }
        }
    }

    @Test(arguments: models)
    func narrowPrecisions(_ model: String) throws {
        let golden = try ContextualGolden.read(model)[0]
        for (precision, worst) in [(Precision.bf16, Float(0.995)), (.int8, 0.97)] {
            let embedder = try embedder(model, .init(threads: 2, precision: precision))
            let context = try embedder.corpusBlocking(golden.sample)
            let rows = golden.rows.filter { $0.role == .query }
            let vectors = try embedder.model(in: context).embedBlocking(rows.map(\.text), as: .query)
            let found = agreement(vectors, rows.map(\.embedding))
            #expect(found.cosine >= worst, "\(model), \(precision): \(found)")
            #expect(
                try embedder.model(in: context).embedBlocking([rows[8].text], as: .query)[0] == vectors[8])
        }
    }

    @Test func anyNumberOfThreads() async throws {
        let golden = try ContextualGolden.read("cde")[0]
        let texts = golden.rows.map(\.text)
        var found: [[[UInt32]]] = []
        for (threads, budget) in [(1, 1), (1, 200), (4, 500)] {
            let embedder = try embedder(
                "cde", .init(threads: threads, precision: .f32, maxBatchTokens: budget))
            let context = try await embedder.corpus(golden.sample)
            found.append(Array(try await embedder.model(in: context).embed(texts, as: .document)).bits)
            let taken = embedder.core.first.workers.bytes + embedder.core.second.workers.bytes
            #expect(taken > 0 && taken <= embedder.model.workingMemoryLimit)
        }
        #expect(found[0] == found[1] && found[1] == found[2])
    }

    /// The vectors of a sample are all that a context is made of.
    @Test func contextsAreKept() throws {
        let golden = try ContextualGolden.read("cde")[1]
        let embedder = try embedder("cde")
        let context = try embedder.corpusBlocking(golden.sample)
        #expect(context.sampleCount == 3 && context.vectors.count == 3 && embedder.sampleSize == 7)
        let kept = try embedder.context(of: Embeddings(floats: context.vectors.floats, dimensions: 40))
        #expect(kept.rows == context.rows)
        let text = [golden.rows[9].text]
        #expect(
            try embedder.model(in: kept).embedBlocking(text)[0]
                == embedder.model(in: context).embedBlocking(text)[0])
        // A document more makes other vectors.
        let other = try embedder.corpusBlocking(golden.sample + ["zopa"])
        #expect(
            try embedder.model(in: other).embedBlocking(text)[0]
                != embedder.model(in: context).embedBlocking(text)[0])
    }

    /// Of a large sample as many documents are taken as a context has, evenly spread.
    @Test func largeSamples() throws {
        let embedder = try embedder("cde")
        #expect(
            embedder.core.chosen(of: 7) == [0, 1, 2, 3, 4, 5, 6] && embedder.core.chosen(of: 2) == [0, 1])
        #expect(
            embedder.core.chosen(of: 21) == [0, 3, 6, 9, 12, 15, 18]
                && embedder.core.chosen(of: 8) == [0, 1, 2, 3, 4, 5, 6])
        let words = (0..<21).map { "zopa balo \($0)" }
        let all = try embedder.corpusBlocking(words)
        let chosen = try embedder.corpusBlocking(stride(from: 0, to: 21, by: 3).map { words[$0] })
        #expect(all.rows == chosen.rows && all.sampleCount == 21)
    }

    @Test func optionsOfACall() throws {
        let golden = try ContextualGolden.read("cde")[0]
        let embedder = try embedder("cde")
        let context = try embedder.corpusBlocking(
            golden.sample, options: .init(dimensions: 3, normalize: true))
        #expect(context.vectors.dimensions == 40)
        let row = golden.rows[8]
        let cut = try embedder.model(in: context).embedBlocking(
            [row.text], options: .init(dimensions: 8, normalize: true))[0]
        let whole = Embedding(Array(row.embedding.prefix(8)))
        let cosine = try cut.cosineSimilarity(to: whole)
        #expect(cut.count == 8 && cosine > 0.99999 && abs(cut.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
        let long = Array(repeating: "zopa", count: 200).joined(separator: " ")
        #expect(try embedder.model(in: context).embedBlocking(["a", long]).usage.truncatedInputs == [1])
        for strict in [EmbedOptions(truncation: .error), .init(truncation: .error, prompt: "")] {
            let text = #expect(throws: MartletError.self) {
                try embedder.model(in: context).embedBlocking(["a", long], options: strict)
            }
            #expect(text?.code == .inputTooLong && text?.inputIndex == 1)
            // 21 documents of which each third is taken: the index is that of the sample.
            let sample = (0..<21).map { $0 == 6 ? long : "a" }
            let document = #expect(throws: MartletError.self) {
                try embedder.corpusBlocking(sample, options: strict)
            }
            #expect(
                document?.inputIndex == 6
                    && document?.message.hasPrefix("document 6 of the sample has ") == true)
        }
    }

    @Test func whatIsNoContext() throws {
        let embedder = try embedder("cde")
        let other = try self.embedder("cde-turned").corpusBlocking(["zopa"])
        func code(_ body: () throws -> Void) -> MartletError.Code? {
            #expect(throws: MartletError.self, performing: body)?.code
        }
        #expect(code { _ = try embedder.corpusBlocking([]) } == .invalidInput)
        #expect(code { _ = try embedder.model(in: other).embedBlocking(["a"]) } == .invalidInput)
        #expect(
            code { _ = try embedder.context(of: Embeddings(floats: [1, 2], dimensions: 2)) } == .invalidInput)
        #expect(
            code { _ = try embedder.context(of: Embeddings(floats: [], dimensions: 40)) } == .invalidInput)
        let many = [Float](repeating: 0, count: 8 * 40)
        #expect(
            code { _ = try embedder.context(of: Embeddings(floats: many, dimensions: 40)) } == .invalidInput)
        let bad = [Float](repeating: .nan, count: 40)
        #expect(code { _ = try embedder.context(of: Embeddings(floats: bad, dimensions: 40)) } == .nonFinite)
        let context = try embedder.corpusBlocking(["zopa"])
        #expect(
            code { _ = try embedder.model(in: context).embedBlocking(["a"], options: .init(pooling: .cls)) }
                == .invalidOption)
        #expect(code { _ = try self.embedder("cde", .init(pooling: .cls)) } == .invalidOption)
        // 7 + 8 + 106 tokens in 120 positions.
        let long = #expect(throws: MartletError.self) { try self.embedder("cde", .init(maxTokens: 106)) }
        #expect(long?.code == .invalidOption && long?.message.contains("limit texts to 105 tokens") == true)
    }

    @Test func whatItSaysOfItself() throws {
        let info = try embedder("cde").model
        #expect(info.kind == .contextual && info.dimensions == 40 && info.maxTokens == 48 && !info.normalizes)
        #expect(info.prompts == ["query": "search_query: ", "document": "search_document: "])
        #expect(info.pipeline.hasPrefix("corpus: 7 × (WordPiece, 300 tokens"))
        #expect(info.pipeline.contains("NOMIC_BERT(3 × 40, 5 heads) → mean → dense(40→40, gelu)"))
        #expect(
            info.pipeline.contains(
                "NOMIC_BERT(2 × 40, 5 heads) after 7 + 8 tokens of context → mean → dense(40→40, relu)"))
        #expect(info.notes.contains { $0.contains("a sample of 7 documents") })
    }

    /// Everything else names what runs such a model, and it names what runs others.
    @Test func otherKindsOfModels() throws {
        let path = ContextualGolden.folder("cde")
        let loaders: [() throws -> Void] = [
            { _ = try Embedder(modelAt: path) },
            { _ = try Embedder(modelAt: path, configuration: .init(pooling: .mean)) },
            { _ = try Reranker(modelAt: path) }, { _ = try SparseEmbedder(modelAt: path) },
            { _ = try MultiVectorEmbedder(modelAt: path) },
        ]
        for load in loaders {
            let error = #expect(throws: MartletError.self, performing: load)
            #expect(error?.code == .unsupportedModel && error?.remedy == .loadAs(.contextual))
        }
        #expect(try ModelSource.path(path).isContextual())
        #expect(try !ModelSource.path(Goldens.path("models/bert-mini")).isContextual())
        let plain = #expect(throws: MartletError.self) {
            try ContextualEmbedder(modelAt: Goldens.path("models/bert-mini"))
        }
        #expect(plain?.code == .unsupportedModel && plain?.message.contains("use Embedder") == true)
        #expect(throws: MartletError.self) {
            try ContextualEmbedder(modelAt: Goldens.path("models/bert-mini/model.safetensors"))
        }
    }
}

/// What the folder may say, and what it may not.
@Suite("Contextual model folders")
struct ContextualFolderTests {
    private static let files = [
        "config.json", "backbone/config.json", "config_sentence_transformers.json", "model.safetensors",
        "modules.json",
        "sentence_bert_config.json", "tokenizer.json", "tokenizer_config.json",
    ]

    private func copy(_ edits: [String: (String, String)] = [:], without: [String] = []) throws -> TestFolder
    {
        let folder = try TestFolder()
        for name in Self.files where !without.contains(name) {
            var bytes = try ModelCopy.read(ContextualGolden.folder("cde") + "/" + name)
            if let (old, new) = edits[name] {
                bytes.replaceSubrange(
                    try #require(bytes.firstRange(of: Array(old.utf8)), "\(name): \(old)"),
                    with: Array(new.utf8))
            }
            try folder.write(name, bytes)
        }
        return folder
    }

    /// cde-small-v1 is published without a tokenizer.
    @Test func anotherModelsTokenizer() throws {
        let folder = try copy(without: ["tokenizer.json", "tokenizer_config.json"])
        let error = #expect(throws: MartletError.self) { try ContextualEmbedder(modelAt: folder.path) }
        #expect(
            error?.code == .missingFile && error?.message.contains("google-bert/bert-base-uncased") == true)
        let own = try ContextualEmbedder(
            modelAt: ContextualGolden.folder("cde"), configuration: .init(threads: 1, precision: .f32))
        let lent = try ContextualEmbedder(
            modelAt: folder.path, tokenizer: .path(ContextualGolden.folder("cde")),
            configuration: .init(threads: 1, precision: .f32))
        let texts = ["zopa balo", "balo tuka"]
        let found = try [own, lent].map { try $0.model(in: $0.corpusBlocking(texts)).embedBlocking(texts) }
        #expect(found[0] == found[1])
        #expect(lent.model.notes.contains { $0.contains("no tokenizer of its own") })
    }

    @Test func unitLength() throws {
        let modules = (
            #""type": "sentence_transformers_impl.Transformer""#,
            #""type": "a.Transformer"}, {"path": "1_Normalize", "type": "b.Normalize""#
        )
        let folder = try copy(["modules.json": modules])
        let embedder = try ContextualEmbedder(
            modelAt: folder.path, configuration: .init(threads: 1, precision: .f32))
        let vector = try embedder.model(in: embedder.corpusBlocking(["zopa"])).embedBlocking(["zopa"])[0]
        #expect(embedder.model.normalizes && abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
    }

    private static let bert =
        #""model_type": "bert", "hidden_size": 40, "num_hidden_layers": 3, "num_attention_heads": 5, "intermediate_size": 52, "#
        + #""max_position_embeddings": 120"#
    static let refused: [(file: String, old: String, new: String, says: String)] = [
        (
            "config.json", #""transductive_tokens_per_document": 1"#,
            #""transductive_tokens_per_document": 2"#, "other than 1"
        ),
        (
            "config.json", #""transductive_corpus_size": 7"#, #""transductive_corpus_size": 107"#,
            "limit texts to 5 tokens"
        ),
        (
            "config.json", #""transductive_corpus_size": 7"#, #""transductive_corpus_size": -7"#,
            "transductive_corpus_size"
        ),
        (
            "config.json", #""transductive_tie_token_embeddings": false"#,
            #""transductive_tie_token_embeddings": true"#, "only false"
        ),
        (
            "config.json", #""biencoder_pooling_strategy": "mean""#, #""biencoder_pooling_strategy": "max""#,
            "only \"mean\""
        ),
        (
            "config.json", #""embedder": "backbone""#, #""embedder": "answerdotai/ModernBERT-base""#,
            "not described here"
        ),
        ("config.json", #""embedder": "backbone""#, #""embedder": "../backbone""#, "leads out of"),
        (
            "config.json", #""embedder": "backbone""#, #""embedder": "nomic-ai/nomic-bert-2048""#,
            "expected [30528, 768]"
        ),
        ("config.json", #""transductive""#, #""biencoder""#, "only \"transductive\""),
        ("backbone/config.json", #""model_type": "nomic_bert""#, bert, "not known for a bert configuration"),
        (
            "modules.json", "sentence_transformers_impl.Transformer", "sentence_transformers_impl.Other",
            "has a Transformer"
        ),
    ]

    @Test(arguments: refused.indices)
    func whatIsRefused(_ index: Int) throws {
        let (file, old, new, says) = Self.refused[index]
        let folder = try copy([file: (old, new)])
        let error = #expect(throws: MartletError.self) { try ContextualEmbedder(modelAt: folder.path) }
        #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
    }

    @Test func missingTensors() throws {
        for (name, other) in [
            ("first_stage_model.mlp.2.", "first_stage_model.mlp.3."),
            ("prompt_projection.2.", "prompt_projection.3."),
            ("second_stage_model.backbone.emb_ln", "second_stage_model.backbone.emb_xx"),
        ] {
            let folder = try copy(["model.safetensors": (name, other)])
            let error = #expect(throws: MartletError.self) { try ContextualEmbedder(modelAt: folder.path) }
            #expect(
                error?.code == .invalidModel && error?.message.contains(name) == true,
                "\(error?.message ?? "")")
        }
    }
}
