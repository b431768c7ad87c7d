import MartletJSON
import Testing

@testable import Martlet

/// LoRA adapters as PEFT saves them, see Scripts/adapter-goldens.py.
@Suite("LoRA adapters")
struct AdapterTests {
    private static let root = Goldens.path("adapters")

    private func lines(_ name: String) throws -> [JSONValue] {
        try SparseGolden.lines("\(Self.root)/\(name)/goldens.jsonl")
    }

    private func worst(_ found: some Sequence<Embedding>, _ rows: [JSONValue]) throws -> Float {
        try zip(found, rows).reduce(1) {
            min($0, try $1.0.cosineSimilarity(to: Embedding($1.1.floats("embedding"))))
        }
    }

    /// The folder of the adapter with its base beside it, or both files in one.
    private func embedder(_ name: String, _ precision: Precision = .f32, isBeside: Bool = false) throws
        -> Embedder
    {
        let configuration = ModelConfiguration(threads: 1, precision: precision, pooling: .mean)
        guard isBeside else {
            return try Embedder(modelAt: "\(Self.root)/\(name)", configuration: configuration)
        }
        let folder = try copy(
            "base", of: ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"])
        for file in ["adapter_config.json", "adapter_model.safetensors"] {
            try folder.write(file, ModelCopy.read("\(Self.root)/\(name)/\(file)"))
        }
        return try Embedder(modelAt: folder.path, configuration: configuration)
    }

    private func copy(_ name: String, of files: [String]) throws -> TestFolder {
        let folder = try TestFolder()
        for file in files { try folder.write(file, ModelCopy.read("\(Self.root)/\(name)/\(file)")) }
        return folder
    }

    @Test(arguments: [
        ("plain", false), ("rslora", false), ("plain", true), ("rslora", true), ("dora", false),
        ("biases", false), ("saved", false),
    ])
    func vectors(_ name: String, _ isBeside: Bool) throws {
        let rows = try lines(name)
        let texts = try rows.map { try $0.string("text") }
        let embedder = try embedder(name, isBeside: isBeside)
        let found = try embedder.embedBlocking(texts)
        let agreement = try worst(found, rows)
        #expect(agreement >= 0.99999, "\(name): \(agreement)")
        let plain = try Embedder(
            modelAt: "\(Self.root)/base", configuration: .init(threads: 1, precision: .f32))
        let without = try worst(plain.embedBlocking(texts), rows)
        #expect(without < 0.99)
        #expect(embedder.model.notes.contains { $0.contains("adapter_config.json") })
        #expect(embedder.identity.space != plain.identity.space)
    }

    /// transformers takes tensors by the model's own names, too.
    @Test func namesWithoutAWrapper() throws {
        let folder = try copy("plain", of: ["tokenizer.json"])
        let config = String(
            decoding: try ModelCopy.read("\(Self.root)/plain/adapter_config.json"), as: UTF8.self)
        try folder.write(
            "adapter_config.json", Array(config.replacing("../base", with: "\(Self.root)/base").utf8))
        let source = try ModelCopy.read("\(Self.root)/plain/adapter_model.safetensors")
        try folder.write(
            "adapter_model.safetensors",
            TestFolder.withHeader(source) { $0.replacing("base_model.model.", with: "") })
        let rows = try lines("plain")
        let found = try Embedder(
            modelAt: folder.path, configuration: .init(threads: 1, precision: .f32, pooling: .mean)
        ).embedBlocking(rows.map { try $0.string("text") })
        let agreement = try worst(found, rows)
        #expect(agreement >= 0.99999, "\(agreement)")
    }

    @Test func jinaEmbeddingsV5() throws {
        let path = "\(Self.root)/jina-v5"
        for task in ["retrieval", "text-matching"] {
            let rows = try lines("jina-v5").filter { $0["task"]?.string == task }
            let embedder = try Embedder(
                modelAt: path, configuration: .init(threads: 1, precision: .f32, task: task))
            let found = try embedder.embedBlocking(rows.map { try $0.string("text") }, as: .document)
            let agreement = try worst(found, rows)
            #expect(agreement >= 0.99999, "\(task): \(agreement)")
        }
        let error = #expect(throws: MartletError.self) {
            try Embedder(modelAt: path, configuration: .init(threads: 1))
        }
        #expect(error?.remedy == .chooseTask(["retrieval", "text-matching"]))
    }

    @Test(arguments: [
        ("\"use_dora\": false", "\"use_dora\": true", "lora_magnitude_vector"),
        ("\"LORA\"", "\"IA3\"", "IA3"), ("\"lora_bias\": false", "\"lora_bias\": true", "lora_B.bias"),
        ("\"layer_replication\": null", "\"layer_replication\": [[0, 1]]", "layer_replication"),
        ("\"init_lora_weights\": true", "\"init_lora_weights\": \"pissa_niter_4\"", "pissa"),
        ("\"revision\": null", "\"frobnicate\": 1", "frobnicate"),
        ("\"../base\"", "\"org/base\"", "org/base"), ("\"r\": 4", "\"r\": 0", "\"r\""),
        ("\"rank_pattern\": {\n  \"value\": 3\n }", "\"rank_pattern\": {}", "rank 3"),
    ])
    func whatIsRefused(_ old: String, _ new: String, _ part: String) throws {
        let folder = try copy("plain", of: ["tokenizer.json", "adapter_model.safetensors"])
        let text = String(
            decoding: try ModelCopy.read("\(Self.root)/plain/adapter_config.json"), as: UTF8.self)
        try #require(text.contains(old))
        let own = text.replacing(old, with: new).replacing("../base", with: "\(Self.root)/base")
        try folder.write("adapter_config.json", Array(own.utf8))
        let error = #expect(throws: MartletError.self) {
            try Embedder(
                modelAt: folder.path, configuration: .init(threads: 1, precision: .f32, pooling: .mean))
        }
        #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    }

    /// A tensor of a module that the encoder does not have, or of a kind that the adapter is said not to have,
    /// would be left out.
    @Test(arguments: [
        "encoder.layer.7.attention.self.query.lora_A.weight",
        "encoder.layer.0.attention.self.query.lora_magnitude_vector",
        "encoder.layer.0.attention.self.query.lora_B.bias", "projection.weight",
        // A trained head, which whoever makes scores would take from the base.
        "classifier.weight", "score.modules_to_save.weight",
    ])
    func aTensorThatIsNotAdded(_ tensor: String) throws {
        let folder = try copy("plain", of: ["tokenizer.json"])
        let name = "base_model.model." + tensor
        let config = String(
            decoding: try ModelCopy.read("\(Self.root)/plain/adapter_config.json"), as: UTF8.self)
        try folder.write(
            "adapter_config.json", Array(config.replacing("../base", with: "\(Self.root)/base").utf8))
        try folder.write(
            "adapter_model.safetensors",
            TestFolder.withTensor(ModelCopy.read("\(Self.root)/plain/adapter_model.safetensors"), name))
        let error = #expect(throws: MartletError.self) {
            try Embedder(
                modelAt: folder.path, configuration: .init(threads: 1, precision: .f32, pooling: .mean))
        }
        #expect(error?.message.contains(name) == true, "\(error?.message ?? "")")
    }
}
