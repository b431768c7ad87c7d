import MartletCompute
import MartletJSON
import MartletSystem
import MartletWeights
import Testing

@testable import MartletModels

/// Tensors and metadata that a model's description has no place for are refused: to pass over them would give
/// other vectors.
@Suite("What contradicts a description")
struct ContradictionTests {
    /// A tiny GGUF file with one key of metadata set, or with a tensor of one value more.
    private func gguf(
        _ folder: String, _ key: String? = nil, _ value: GGUFWriter.Value = .bool(true),
        tensor: String? = nil, of number: Float = 0.5
    ) throws
        -> any Encoder
    {
        let file = try TinyEncoder(folder).ggufFile()
        var template = Array(
            ((getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp") + "/martlet-gguf-XXXXXX").utf8CString)
        let descriptor = mkstemp(&template)
        try #require(descriptor >= 0)
        close(descriptor)
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unlink(path) }  // what is mapped stays
        var writer = GGUFWriter(path: path)
        for name in file.metadata.keys where name != key && name != "general.alignment" {
            if let value = file.metadata[name] { try writer.add(name, .copied(value)) }
        }
        if let key { try writer.add(key, value) }
        for name in file.tensorNames { try writer.add(try #require(file.tensor(named: name))) }
        if let tensor {
            try writer.add(tensor, shape: [36], as: .f32) { _, values in values.update(repeating: number) }
        }
        try writer.write()
        return try TinyEncoder.encoder(GGUFFile(path: path), .f32, .best)
    }

    @Test(arguments: [
        ("nomic-bert", "nomic-bert.attention.causal", GGUFWriter.Value.bool(true)),
        ("nomic-experts-gguf", "nomic-bert-moe.attention.causal", .bool(true)),
        ("jina-bert", "jina-bert-v2.attention.causal", .bool(true)),
        ("modernbert", "modern-bert.attention.causal", .bool(true)),
        ("gemma3-bidirectional", "gemma-embedding.attention.causal", .bool(true)),
        ("qwen3", "qwen3.attention.causal", .uint32(1)), ("qwen3", "qwen3.rope.scaling.factor", .float32(2)),
        ("qwen3", "qwen3.rope.scale_linear", .float32(4)), ("qwen3", "qwen3.rope.scaling.type", .uint32(1)),
        ("qwen3", "qwen3.rope.scaling.type", .string("yarn")),
    ])
    func metadata(_ folder: String, _ key: String, _ value: GGUFWriter.Value) throws {
        let error = #expect(throws: ModelError.self) { try gguf(folder, key, value) }
        #expect(error?.message.contains(key) == true, "\(error?.message ?? "")")
    }

    @Test func metadataThatFits() throws {
        #expect(try gguf("qwen3", "qwen3.rope.scaling.factor", .float32(1)).shape.layers > 0)
        #expect(try gguf("qwen3", "qwen3.rope.scaling.type", .string("none")).shape.layers > 0)
        #expect(
            try gguf("gemma3-bidirectional", "gemma-embedding.attention.causal", .bool(false)).shape.layers
                > 0)
    }

    @Test(arguments: [
        ("nomic-bert", "blk.1.ffn_down.bias"), ("nomic-bert", "blk.0.ffn_gate.bias"),
        ("qwen3", "output_norm.bias"),
        ("qwen3", "blk.0.attn_k_norm.bias"), ("qwen3", "blk.0.attn_v.bias"),
        ("modernbert", "token_embd_norm.bias"),
        ("nomic-experts-gguf", "blk.1.ffn_up_exps.bias"), ("nomic-experts-gguf", "blk.1.ffn_gate_inp.bias"),
    ])
    func biasesInGGUF(_ folder: String, _ tensor: String) throws {
        let error = #expect(throws: ModelError.self) { try gguf(folder, tensor: tensor) }
        #expect(
            error?.code == .invalidTensor && error?.message.contains("tensor \(tensor) ") == true,
            "\(error?.message ?? "")")
    }

    /// A bias of zeros adds nothing: the first tools for GPTQ wrote one for every module.
    @Test(arguments: ["output_norm.bias", "blk.1.ffn_down.bias"])
    func biasesOfZeros(_ tensor: String) throws {
        #expect(try gguf("qwen3", tensor: tensor, of: 0).shape.layers == 2)
    }

    @Test(arguments: [
        ("nomic-experts", "qkv_proj_bias", "encoder.layers.0.attn.Wqkv.bias"),
        ("modernbert-odd", "norm_bias", "embeddings.norm.bias"),
        ("eurobert", "mlp_bias", "mlp.gate_proj.bias"),
    ])
    func biasesInFolders(_ folder: String, _ flag: String, _ tensor: String) throws {
        for precision in ComputePrecision.allCases {
            let error = #expect(throws: ModelError.self) {
                try TinyEncoder(folder).encoder(
                    precision, .best, changes: [.init(key: flag, value: .bool(false))])
            }
            #expect(
                error?.code == .invalidTensor && error?.message.contains(tensor) == true,
                "\(error?.message ?? "")")
        }
    }

    /// Neither heads nor positions are many; their product is.
    @Test func scoresOfDistances() throws {
        let error = #expect(throws: ModelError.self) {
            try TinyEncoder("jina-bert").encoder(
                .f32, .best,
                changes: [
                    .init(key: "num_attention_heads", value: .integer(36)),
                    .init(key: "max_position_embeddings", value: .integer(131_072)),
                ])
        }
        #expect(error?.message.contains("131072 positions in 36 heads") == true, "\(error?.message ?? "")")
    }

    /// Originals beside adapters are those of one family.
    @Test func parametrizations() throws {
        let path = try TinyEncoder("jina-embeddings-v3-published").folder + "/model.safetensors"
        let source = try WeightSources.open(path: path)
        var layout = JinaEmbeddingsV3.layout
        #expect(
            try Checkpoint(source, layouts: [layout], file: path).tensor(layout.words + ".weight").shape.count
                == 2)
        layout.hasParametrizations = false
        let error = #expect(throws: ModelError.self) { try Checkpoint(source, layouts: [layout], file: path) }
        #expect(error?.code == .missingTensor && error?.message.contains(layout.words) == true)
    }
}
