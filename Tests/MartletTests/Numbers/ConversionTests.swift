import MartletMiniLM
import Testing

@testable import Martlet

@Suite("A model survives the conversion to GGUF")
struct ConversionTests {
    /// Everything of a model but where it lies and how it is stored.
    private func portable(_ model: ModelInfo) -> ModelInfo {
        var model = model
        model.path = ""
        model.weightType = ""
        return model
    }

    /// Stored as f32, the weights are those of the folder whatever its type was, and the vectors have the
    /// same bits.
    @Test(arguments: tinyModels)
    func f32(_ name: String) throws {
        let folder = try TestFolder()
        let file = folder.path + "/model.gguf"
        defer { folder.willRemove("model.gguf") }
        var steps: [ModelConversion.Step] = []
        let report = try ModelConversion.convert(from: Goldens.path("models/" + name), to: file, type: "f32")
        { steps.append($0) }
        let tensors = report.tensors.values.reduce(0, +)
        #expect(steps == [.measuring] + (0..<tensors).map { .writing(written: $0, all: tensors) })
        #expect(report.tensors.keys.sorted() == ["f32"] && report.bytes > 0)
        let original = try embedder(name)
        let converted = try Embedder(modelAt: file, configuration: .init(threads: 2, precision: .f32))
        #expect(portable(converted.model) == portable(original.model))
        #expect(converted.engine.pipeline.description == original.engine.pipeline.description)
        let rows = try GoldenRow.read(name)
        #expect(try converted.embed(rows).bits == original.embed(rows).bits)
        for row in rows {
            #expect(
                try converted.tokenize(row.text, as: row.role, options: row.options)
                    == original.tokenize(row.text, as: row.role, options: row.options))
        }
    }

    /// The bounds leave a margin to what was measured. Hidden sizes that are no multiple of 32 fall back to
    /// f16.
    @Test(
        arguments: [
            ("f16", Float(0.99999)), ("bf16", 0.9999), ("q8_0", 0.9996), ("q5_1", 0.98), ("q4_0", 0.8),
        ], tinyModels)
    func narrowTypes(_ type: (name: String, worst: Float), _ name: String) throws {
        let folder = try TestFolder()
        let file = folder.path + "/model.gguf"
        defer { folder.willRemove("model.gguf") }
        let report = try ModelConversion.convert(
            from: Goldens.path("models/" + name), to: file, type: type.name)
        let converted = try Embedder(modelAt: file, configuration: .init(threads: 2, precision: .f32))
        if type.name.hasPrefix("q"),
            ![converted.model.hiddenSize, converted.model.intermediateSize].contains(where: { $0 % 32 == 0 })
        {
            #expect(report.tensors.keys.sorted() == ["f16", "f32"])
        } else {
            #expect(report.tensors.keys.contains(type.name))
        }
        let rows = try GoldenRow.read(name).filter { $0.options.dimensions == nil }
        let agreement = Agreement(try converted.embed(rows), rows)
        #expect(agreement.worst >= type.worst, "\(name), \(type.name): \(agreement)")
    }

    /// A folder of one of the tiny encoders, with a vocabulary of letters.
    private func folder(_ family: String) throws -> TestFolder {
        let letters = "abcdefghijklmnopqrstuvwxyz".map(String.init)
        let vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + letters + letters.map { "##" + $0 }
        let folder = try TestFolder([
            "vocab.txt": vocabulary.joined(separator: "\n") + "\n",
            "modules.json": """
            [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
             {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]
            """,
            "1_Pooling/config.json": #"{"pooling_mode_cls_token": true}"#,
        ])
        for name in ["config.json", "model.safetensors"] {
            try folder.write(name, ModelCopy.read(Goldens.path("encoders/\(family)/\(name)")))
        }
        return folder
    }

    @Test(arguments: [
        ("distilbert", "bert"), ("distilbert-relu", "bert"), ("nomic-bert", "nomic-bert"),
        ("jina-bert", "jina-bert-v2"),
    ])
    func families(_ family: String, _ architecture: String) throws {
        let folder = try folder(family)
        let file = folder.path + "/model.gguf"
        defer { folder.willRemove("model.gguf") }
        try ModelConversion.convert(from: folder.path, to: file, type: "f32")
        let original = try Embedder(modelAt: folder.path, configuration: .init(threads: 1, precision: .f32))
        let converted = try Embedder(modelAt: file, configuration: .init(threads: 1, precision: .f32))
        #expect(converted.model.architecture == architecture)
        #expect(
            converted.model.maxTokens == original.model.maxTokens
                && converted.model.vocabularySize == original.model.vocabularySize)
        let texts = [
            "a", "the swift sleeps", "Über 7 words, and [PAD58] that is none",
            String(repeating: "long ", count: 10),
        ]
        #expect(
            try converted.embedBlocking(texts).map(\.self).bits
                == original.embedBlocking(texts).map(\.self).bits)
        for text in texts { #expect(try converted.tokenize(text).ids == original.tokenize(text).ids) }
        for (type, bound) in [("bf16", Float(0.999)), ("q8_0", 0.99)] {
            try ModelConversion.convert(from: folder.path, to: file, type: type)
            let narrow = try Embedder(modelAt: file, configuration: .init(threads: 1, precision: .f32))
                .embedBlocking(texts)
            for (a, b) in zip(narrow, try original.embedBlocking(texts)) {
                #expect(
                    try Embedding(a.values).cosineSimilarity(to: Embedding(b.values)) >= bound,
                    "\(family), \(type)")
            }
        }
    }

    @Test(arguments: [
        "mpnet", "nomic-experts", "nomic-bert-long", "electra", "gte", "mistral", "gemma3", "qwen2",
        "qwen3-yarn", "eurobert",
    ])
    func formsThatGGUFIsNotWrittenFor(_ family: String) throws {
        let folder = try folder(family)
        let error = #expect(throws: MartletError.self) {
            try ModelConversion.convert(from: folder.path, to: folder.path + "/model.gguf", type: "f32")
        }
        #expect(
            error?.code == .unsupportedModel && error?.message.contains("cannot be written as GGUF") == true)
    }

    @Test func whatCannotBeConverted() throws {
        let folder = try TestFolder(["a.txt": "x"])
        let unknown = #expect(throws: MartletError.self) {
            try ModelConversion.convert(
                from: Goldens.path("models/bert-mini"), to: folder.path + "/m", type: "q9")
        }
        #expect(unknown?.code == .invalidOption && unknown?.message.contains("q8_0") == true)
        let file = #expect(throws: MartletError.self) {
            try ModelConversion.convert(from: folder.path + "/a.txt", to: folder.path + "/m", type: "f16")
        }
        #expect(file?.message.contains("is not a folder") == true)
        let nowhere = #expect(throws: MartletError.self) {
            try ModelConversion.convert(
                from: Goldens.path("models/bert-mini"), to: folder.path + "/none/m.gguf", type: "f16")
        }
        #expect(nowhere?.code == .io && nowhere?.message.contains("/none/m.gguf") == true)
    }
}
