import Testing

@testable import Martlet

/// Heads whose files contradict each other, or lead elsewhere, are errors that name what is wrong.
@Suite("Broken heads")
struct BrokenHeadTests {
    private func copy(_ model: String) throws -> ModelCopy {
        try ModelCopy(of: "../" + model, without: ["goldens.jsonl"])
    }

    private func sparse(_ model: ModelCopy) -> String {
        #expect(throws: MartletError.self) {
            try SparseEmbedder(modelAt: model.path, configuration: .init(threads: 1))
        }?.message ?? ""
    }

    private func multi(_ model: ModelCopy) -> String {
        #expect(throws: MartletError.self) {
            try MultiVectorEmbedder(modelAt: model.path, configuration: .init(threads: 1))
        }?.message ?? ""
    }

    @Test(arguments: [
        (
            "cls.predictions.transform.dense.weight", "cls.predictions.transform.danse.weight",
            "it holds no head"
        ),
        (
            "\"cls.predictions.transform.LayerNorm.weight\"",
            "\"cls.predictions.transform.LayerNorm.weighs\"", "LayerNorm.weight"
        ),
        (
            "\"cls.predictions.transform.dense.weight\":{\"dtype\":\"F16\",\"shape\":[36,36]",
            "\"cls.predictions.transform.dense.weight\":{\"dtype\":\"F16\",\"shape\":[72,18]", "shape"
        ),
    ])
    func weightsOfAMaskedLanguageModel(_ old: String, _ new: String, _ expected: String) throws {
        let bert = try copy("sparse/splade-bert")
        try bert.write("1_SpladePooling/config.json", Array("{\"pooling_strategy\":\"max\"}".utf8))
        try bert.edit("model.safetensors", [(old, new)])
        let message = sparse(bert)
        #expect(message.contains(expected), "\(message)")
    }

    @Test(arguments: [
        ("sparse/splade-bert", "cls.predictions.transform.dense.weight"),
        ("sparse/splade-bert", "cls.predictions.transform.dense.bias"),
        ("sparse/splade-bert", "cls.predictions.transform.LayerNorm.bias"),
        ("sparse/splade-bert", "cls.predictions.bias"),
        ("sparse/splade-bert-untied", "cls.predictions.decoder.weight"),
        ("classifiers/bert-cross", "bert.pooler.dense.weight"),
        ("classifiers/bert-cross", "classifier.weight"),
        ("classifiers/bert-cross", "classifier.bias"),
        ("classifiers/modernbert-mean", "head.norm.weight"),
        ("classifiers/modernbert-mean", "head.dense.bias"),
        ("static/static-embedding", "embedding.weight"),
    ])
    func tensorsInAFormThatIsNotRead(_ name: String, _ tensor: String) throws {
        let model = try copy(name)
        try model.setType(of: tensor, to: "F6_E9")
        if name.hasPrefix("sparse") {
            try model.write("1_SpladePooling/config.json", Array("{\"pooling_strategy\":\"max\"}".utf8))
        }
        let message =
            #expect(throws: MartletError.self, "\(tensor)") {
                switch name.split(separator: "/")[0] {
                case "sparse": _ = try SparseEmbedder(modelAt: model.path, configuration: .init(threads: 1))
                case "classifiers": _ = try Reranker(modelAt: model.path, configuration: .init(threads: 1))
                default: _ = try Embedder(modelAt: model.path, configuration: .init(threads: 1))
                }
            }?.message ?? ""
        #expect(
            message.contains("\"\(tensor)\" is stored as F6_E9, which is not read as weights"), "\(message)")
    }

    @Test(arguments: [
        "token_embd.weight", "position_embd.weight", "token_types.weight", "blk.0.attn_q.bias", "cls.weight",
        "cls.bias", "cls.output.weight", "cls.output.bias",
    ])
    func tensorsOfGGUFInAFormThatIsNotRead(_ tensor: String) throws {
        let model = try copy("classifiers/bert-cross")
        var bytes = try ModelCopy.read(model.path + "/model.gguf")
        // After the name its length in dimensions, these, and the type.
        let name = try #require(
            bytes.firstRange(of: Array(tensor.utf8) + [UInt8(tensor.hasSuffix("bias") ? 1 : 2), 0, 0, 0]))
        bytes[name.upperBound + (tensor.hasSuffix("bias") ? 8 : 16)] = 77
        try model.write("model.gguf", bytes)
        let message =
            #expect(throws: MartletError.self) {
                try Reranker(modelAt: model.path + "/model.gguf", configuration: .init(threads: 1))
            }?.message ?? ""
        #expect(message.contains("\"\(tensor)\" is stored as GGML type 77"), "\(message)")
    }

    @Test(arguments: [
        ("{\"pooling_strategy\":\"mean\"}", "expected \"max\" or \"sum\""),
        ("{\"activation_function\":\"gelu\"}", "expected \"relu\" or \"log1p_relu\""),
        ("{\"pooling_strategy\":3}", "a string"),
        ("[", "JSON"),
    ])
    func spladePooling(_ config: String, _ expected: String) throws {
        let model = try copy("sparse/splade-bert")
        try model.write("1_SpladePooling/config.json", Array(config.utf8))
        let message = sparse(model)
        #expect(message.contains(expected) && message.contains("1_SpladePooling/config.json"), "\(message)")
    }

    @Test(arguments: [
        ("{}", "\"types\" and \"structure\""),
        ("{\"types\":{},\"structure\":{\"query\":[\"x\"]}}", "\"types\" does not have"),
        (
            "{\"types\":{\"../x\":\"sentence_transformers.a.SparseStaticEmbedding\"},\"structure\":{\"query\":[\"../x\"]}}",
            "leads out"
        ),
        ("{\"types\":{\"x\":\"some.Code\"},\"structure\":{\"query\":[\"x\"]}}", "some.Code"),
        (
            "{\"types\":{\"x\":\"sentence_transformers.a.SparseStaticEmbedding\"},\"structure\":{\"query\":[\"x\"]}}",
            "\"query\" and \"document\""
        ),
    ])
    func router(_ config: String, _ expected: String) throws {
        let model = try copy("sparse/splade-bert")
        try model.write(
            "modules.json",
            Array("[{\"type\":\"sentence_transformers.base.modules.router.Router\",\"path\":\"\"}]".utf8))
        try model.write("router_config.json", Array(config.utf8))
        let message = sparse(model)
        #expect(message.contains(expected), "\(message)")
    }

    @Test(arguments: [
        ("{\"query_token_id\":7}", "a string"), ("{\"query_maxlen\":0}", "from 1 on"),
        ("{\"query_maxlen\":49}", "the model takes 48"),
        ("{\"mask_punctuation\":\"yes\"}", "true or false"),
    ])
    func artifactMetadata(_ metadata: String, _ expected: String) throws {
        let model = try copy("multi/colbert")
        try model.write("artifact.metadata", Array(metadata.utf8))
        let message = multi(model)
        #expect(message.contains(expected), "\(message)")
    }

    @Test func projections() throws {
        let model = try copy("multi/colbert")
        try model.edit("model.safetensors", [("\"linear.weight\"", "\"linear.weigh_\"")])
        #expect(multi(model).contains("linear.weight"))
        let pylate = try copy("multi/pylate")
        #expect(multi(pylate).contains("1_Dense"))
        try pylate.write(
            "1_Dense/config.json",
            Array("{\"in_features\":32,\"out_features\":24,\"module_input_name\":\"other\"}".utf8))
        #expect(multi(pylate).contains("only \"token_embeddings\""))
    }

    /// A module's folder must not lead out of the model's.
    @Test func paths() throws {
        let model = try copy("multi/pylate")
        try model.write(
            "modules.json",
            Array("[{\"type\":\"sentence_transformers.models.Transformer\",\"path\":\"../x\"}]".utf8))
        #expect(multi(model).contains("leads out") && sparse(model).contains("leads out"))
    }

    @Test func bgeM3() throws {
        let model = try copy("sparse/bge-m3")
        try model.write("sparse_linear.pt", Array("PK\u{3}\u{4}".utf8))
        #expect(sparse(model).contains("sparse_linear.pt"))
        try model.write(
            "sparse_linear.safetensors",
            TestFolder.safetensors([("weight", [1, 35], [Float](repeating: 0, count: 35))]))
        #expect(sparse(model).contains("shape"))
    }

    /// Weights that are no numbers are found when a model is loaded; sums that overflow when a text is
    /// embedded, at its index.
    @Test func notFinite() throws {
        let model = try copy("sparse/bge-m3")
        try model.write(
            "sparse_linear.safetensors",
            TestFolder.safetensors([
                ("weight", [1, 36], [Float](repeating: 3e38, count: 36)), ("bias", [1], [3e38]),
            ]))
        let embedder = try SparseEmbedder(
            modelAt: model.path, configuration: .init(threads: 1, precision: .f32))
        let error = #expect(throws: MartletError.self) { try embedder.embedBlocking(["a", "zuge"]) }
        #expect(error?.code == .nonFinite && error?.inputIndex == 0)
        try model.write(
            "sparse_linear.safetensors",
            TestFolder.safetensors([
                ("weight", [1, 36], [Float](repeating: .nan, count: 36)), ("bias", [1], [0]),
            ]))
        #expect(sparse(model).contains("nan"))
    }
}
