import MartletMiniLM
import Testing

@testable import Martlet

@Suite("Reranker")
struct RerankerTests {
    private let query = "balo tuka miro"
    private let documents = [
        "nela", "balo tuka miro", "", "zupe fani balo", "nela", String(repeating: "lofe ", count: 90),
    ]

    @Test func rankingIsSortedAndStable() async throws {
        let reranker = try TinyClassifier("bert-cross").reranker()
        let scores = try await reranker.scores(of: documents, for: query, options: RerankOptions())
        let ranking = try await reranker.rerank(documents, for: query)
        #expect(ranking.map(\.index).sorted() == Array(documents.indices))
        for (a, b) in zip(ranking, ranking.dropFirst()) {
            #expect(a.score > b.score || a.score == b.score && a.index < b.index)
        }
        for document in ranking { #expect(document.score == scores[document.index]) }
        let places = ranking.map(\.index)
        #expect(scores[0] == scores[4] && places.firstIndex(of: 0).map { $0 + 1 } == places.firstIndex(of: 4))
        #expect(
            ranking.usage == scores.usage && scores.usage.truncatedInputs == [5]
                && scores.usage.blankInputs == 1)
        #expect(
            try await reranker.rerank(documents, for: query, topN: 2).map(\.index) == Array(places.prefix(2)))
        #expect(try reranker.rerankBlocking(documents, for: query, topN: 99).map(\.index) == places)
        #expect(try await reranker.rerank([], for: query).isEmpty)
        #expect(try await reranker.rerank(documents, for: query, topN: 0).isEmpty)
    }

    @Test func activations() throws {
        let identity = try TinyClassifier("bert-cross").reranker()
        let raw = try identity.scoresBlocking(of: documents, for: query, options: .init(activation: .raw))
        #expect(try identity.scoresBlocking(of: documents, for: query).values == raw.values)
        let sigmoid = try identity.scoresBlocking(
            of: documents, for: query, options: .init(activation: .sigmoid))
        for (x, s) in zip(raw, sigmoid) { #expect(s > 0 && s < 1 && (s > 0.5) == (x > 0)) }
        #expect(identity.model.scoreActivation == "raw" && identity.model.kind == .reranker)
    }

    @Test func labels() async throws {
        let classifier = try TinyClassifier("bert-labels").reranker()
        #expect(
            classifier.model.kind == .classifier
                && classifier.model.labels == ["contradiction", "entailment", "neutral"])
        let predictions = try await classifier.predict(["balo", .pair("balo", "tuka")])
        for row in predictions {
            #expect(
                row.map(\.label) == classifier.model.labels && abs(row.reduce(0) { $0 + $1.score } - 1) < 1e-6
            )
        }
        let error = await #expect(throws: MartletError.self) {
            try await classifier.rerank(documents, for: query)
        }
        #expect(error?.code == .invalidOption && error?.message.contains("3 labels") == true)
    }

    /// What several labels go through is what the files name, and what they leave open is told.
    @Test func activationsOfLabels() throws {
        let modules = try ModelCopy.read(Goldens.path("classifiers/bert-cross/modules.json"))
        func model(_ members: String, _ own: String? = nil, hasModules: Bool = true) throws -> ModelInfo {
            let source = Goldens.path("classifiers/bert-labels/")
            let folder = try TestFolder()
            for name in ["model.safetensors", "tokenizer.json", "tokenizer_config.json"] {
                try folder.write(name, ModelCopy.read(source + name))
            }
            try folder.write(
                "config.json", Array("{\(members)".utf8) + ModelCopy.read(source + "config.json").dropFirst())
            if let own {
                try folder.write(
                    "config_sentence_transformers.json", Array(#"{"activation_fn": "\#(own)"}"#.utf8))
                if hasModules { try folder.write("modules.json", modules) }
            }
            return try Reranker(modelAt: folder.path).model
        }
        let sigmoid = #""sentence_transformers": {"activation_fn": "torch.nn.modules.activation.Sigmoid"},"#
        #expect(try model("").scoreActivation == "softmax")
        #expect(try model(sigmoid).scoreActivation == "sigmoid")
        #expect(try model(sigmoid, "torch.nn.modules.linear.Identity").scoreActivation == "softmax")
        #expect(try model("", "torch.nn.modules.activation.Tanh").scoreActivation == "tanh")
        // sentence-transformers does not read its own file without a list of modules.
        #expect(
            try model("", "torch.nn.modules.activation.Tanh", hasModules: false).scoreActivation == "softmax")
        #expect(try model(sigmoid, "torch.nn.modules.activation.Softmax").scoreActivation == "softmax")
        let severalFit = #""problem_type": "multi_label_classification","#
        #expect(try model(severalFit).scoreActivation == "sigmoid")
        #expect(try model(severalFit, "torch.nn.modules.linear.Identity").scoreActivation == "sigmoid")
        let own = try model("", "own.Activation")
        #expect(
            own.scoreActivation == "softmax" && own.notes.contains { $0.contains("own.Activation is code") })
        #expect(throws: MartletError.self) { try model("", "torch.nn.modules.activation.Threshold") }
    }

    @Test func truncation() throws {
        let reranker = try TinyClassifier("bert-cross").reranker()
        let error = #expect(throws: MartletError.self) {
            try reranker.scoresBlocking(of: documents, for: query, options: .init(truncation: .error))
        }
        #expect(error?.code == .inputTooLong && error?.inputIndex == 5)
        let end = try reranker.tokenize(.pair("balo", documents[5] + "tuka"))
        let start = try reranker.tokenize(
            .pair("balo", "tuka " + documents[5]), options: .init(truncation: .start))
        #expect(
            end.ids.count == reranker.model.maxTokens && start.ids.count == end.ids.count && end.isTruncated)
        #expect(end.tokens.prefix(4) == ["[CLS]", "ba", "##lo", "[SEP]"] && start.tokens.last == "[SEP]")
    }

    /// Each kind of model says which command is for it.
    @Test func modelsOfTheOtherKind() throws {
        let vectors = #expect(throws: MartletError.self) {
            try Embedder(modelAt: Goldens.path("classifiers/bert-cross"))
        }
        #expect(vectors?.code == .unsupportedModel && vectors?.remedy == .loadAs(.reranker))
        let pooled = #expect(throws: MartletError.self) {
            try Embedder(
                modelAt: Goldens.path("classifiers/bert-legacy"), configuration: .init(pooling: .mean))
        }
        #expect(pooled?.remedy == .loadAs(.reranker))
        let scores = #expect(throws: MartletError.self) {
            try Reranker(modelAt: Goldens.path("models/bert-mini"))
        }
        #expect(scores?.code == .unsupportedModel && scores?.remedy == .rankBySimilarity)
        #expect(throws: MartletError.self) { try Reranker(.miniLM) }
        #expect(throws: MartletError.self) {
            try Reranker(
                modelAt: Goldens.path("classifiers/bert-cross"), configuration: .init(pooling: .mean))
        }
    }

    /// jina-embeddings-v3 comes with a transformer module of its own and adapters for tasks, which are named,
    /// and not applied unless a task is.
    @Test func adaptersAreNamed() throws {
        let folder = try TestFolder()
        let source = Goldens.path("classifiers/jina-embeddings-v3/")
        for name in ["model.safetensors", "tokenizer.json"] {
            try folder.write(name, ModelCopy.read(source + name))
        }
        var config = String(decoding: try ModelCopy.read(source + "config.json"), as: UTF8.self)
        config = config.split(separator: "\n").filter {
            !$0.contains("\"architectures\"") && !$0.contains("ForSequence") && $0 != " ],"
        }
        .joined(separator: "\n")
        let adapters = #""lora_adaptations": ["retrieval.query", "separation"],"#
        try folder.write(
            "config.json",
            Array(config.utf8.prefix(1)) + Array(adapters.utf8) + Array(config.utf8.dropFirst()))
        let last =
            #"{"idx":2,"name":"2","path":"2_Normalize","type":"sentence_transformers.models.Normalize"}"#
        func modules(_ type: String) -> [UInt8] {
            let pool =
                #"{"idx":1,"name":"1","path":"1_Pooling","type":"sentence_transformers.models.Pooling"}"#
            return Array(#"[{"idx":0,"name":"0","path":"","type":"\#(type)"},\#(pool),\#(last)]"#.utf8)
        }
        try folder.write("1_Pooling/config.json", Array(#"{"pooling_mode_mean_tokens":true}"#.utf8))
        try folder.write("modules.json", modules("sentence_transformers.models.Transformer"))
        let plain = try Embedder(modelAt: folder.path, configuration: .init(threads: 1, precision: .f32))
            .embedBlocking([query])
        try folder.write("modules.json", modules("custom_st.Transformer"))
        let own = try Embedder(modelAt: folder.path, configuration: .init(threads: 1, precision: .f32))
        #expect(try own.embedBlocking([query]).bits == plain.bits)
        #expect(
            own.model.notes.contains {
                $0.contains("retrieval.query, separation") && $0.contains("without a task")
            })
        // The folder has no pairs beside its weights.
        let missing = #expect(throws: MartletError.self) {
            try Embedder(modelAt: folder.path, configuration: .init(task: "separation"))
        }
        #expect(missing?.code == .invalidModel && missing?.message.contains("lora_") == true)
        try folder.write("modules.json", modules("custom_other.Transformer"))
        #expect(throws: MartletError.self) { try Embedder(modelAt: folder.path) }
    }

    @Test func languageModelsReadPairsAndInstructions() throws {
        let reranker = try TinyClassifier("qwen3-reranker-cross").reranker()
        let single = #expect(throws: MartletError.self) {
            try reranker.predictBlocking([.pair("a", "b"), "a"])
        }
        #expect(single?.code == .invalidInput && single?.inputIndex == 1)
        let pair = ClassifierInput.pair("balo", "tuka")
        let usual = try reranker.tokenize(pair)
        let other = try reranker.tokenize(pair, options: .init(instruction: "Find a recipe"))
        #expect(other.ids != usual.ids && other.ids.suffix(8) == usual.ids.suffix(8))
        let spelled = "Given a web search query, retrieve relevant passages that answer the query"
        #expect(try reranker.tokenize(pair, options: .init(instruction: spelled)) == usual)
        let none = #expect(throws: MartletError.self) {
            try TinyClassifier("bert-cross").reranker().scoresBlocking(
                of: ["b"], for: "a", options: .init(instruction: "x"))
        }
        #expect(none?.code == .invalidOption)
    }

    /// Templates that do more than print what they are given are refused.
    @Test func templates() throws {
        let set =
            #"{%- set q = messages | selectattr('role', 'eq', 'query') | map(attribute="content") | first -%}"#
        let document =
            #"{% set d = messages | selectattr("role", "eq", "document") | map(attribute="content") | first %}"#
        let frame = try PairTemplate.frame(
            set + "\n  \n" + document + "\nA {{ q }}  {{- d -}}\n B{# no word #}\nC\n", file: "t")
        #expect(frame.text(instruction: nil, query: "x", document: "y") == "A xyBC")
        for text in [
            set + document + "{{ q }}", set + document + "{{ q }}{{ d | upper }}",
            set + document + "{% if q %}{{ q }}{{ d }}{% endif %}",
            set + document + "{{ q }}{{ d", "{{ messages }}",
            set.replacing("first", with: "last") + document + "{{ q }}{{ d }}",
        ] {
            #expect(throws: MartletError.self, "\(text)") { try PairTemplate.frame(text, file: "t") }
        }
    }

    /// A server packs pairs by hand: the same bits.
    @Test func unitsOfAServer() throws {
        let reranker = try TinyClassifier("bert-cross").reranker()
        let classifier = reranker.classifier
        let expected = try reranker.scoresBlocking(of: documents, for: query)
        let texts = try documents.map { try classifier.tokenized(.pair(query, $0), .init()) }
        var found: [Float] = []
        classifier.engine.forward(texts, on: classifier.engine.makeWorker()) { _, hidden in
            found.append(
                classifier.score(classifier.logits(of: hidden)[0], .init()))
        }
        #expect(found.map(\.bitPattern) == expected.map(\.bitPattern))
    }
}
