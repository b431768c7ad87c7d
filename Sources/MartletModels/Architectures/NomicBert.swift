internal import MartletCompute
internal import MartletJSON

/// nomic_bert, as nomic-embed-text v1 and v1.5 (Nussbaum et al. 2024): rotary positions, SwiGLU, hardly any biases.
///
/// The published configurations use GPT-2's names, transformers' class BERT's.
enum NomicBert {
    static func blueprint(_ json: JSONValue, file: String) throws(ModelError) -> ArchitectureRegistry.Blueprint {
        let reader = ConfigurationReader(json, file: file, family: "nomic_bert")
        try reader.require("prenorm", false, because: "only norms after the sum are supported")
        try reader.require("use_rms_norm", false, because: "only layer norms are supported")
        try reader.require("rotary_emb_interleaved", false, because: "only pairs half a head apart are supported")
        try reader.require("causal", false, because: "only attention in both directions is supported")
        try reader.require("parallel_block", false, because: "only blocks one after the other are supported")
        guard !reader.has("rotary_emb_scale_base") else { throw reader.unsupported("rotary_emb_scale_base is not supported; null is") }
        guard try reader.number("moe_every_n_layers", default: 0) <= 0 else {
            throw reader.unsupported("moe_every_n_layers is above 0; layers of experts are not supported")
        }

        let (hidden, heads) = (try reader.size("n_embd", "hidden_size"), try reader.size("n_head", "num_attention_heads"))
        let headSize = try reader.headSize(hidden: hidden, heads: heads)
        let trained = try reader.size("max_trained_positions", "max_position_embeddings", default: 2048)
        let longest = try max(trained, reader.size("n_positions", default: trained))
        let rotary = try rotary(reader, headSize: headSize, trained: trained)
        let types = try reader.value("type_vocab_size", "a whole number", \.int) ?? 2
        let name = try reader.string("activation_function") ?? "swiglu"
        let isGated = ["swiglu", "geglu"].contains(name)
        guard let activation = Activation(configured: name == "swiglu" ? "silu" : name == "geglu" ? "gelu" : name) else {
            throw reader.unsupported("activation_function \(name.quotedForMessage) is not supported")
        }
        let description = TransformerDescription(
            architecture: "nomic_bert", vocabularySize: try reader.size("vocab_size"), hiddenSize: hidden,
            layers: try reader.size("n_layer", "num_hidden_layers"), maxPositions: longest,
            norm: .init(epsilon: try reader.epsilon("layer_norm_epsilon", "layer_norm_eps", default: 1e-12)),
            embeddings: .init(size: hidden, types: max(types, 0)),
            attention: .init(
                heads: heads, headSize: headSize, hasBias: try reader.flag("qkv_proj_bias"),
                outputHasBias: try reader.flag("qkv_proj_bias"),
                spans: [.init(rotary: rotary)]),
            feedForward: .init(
                size: try reader.size("n_inner", "intermediate_size", default: 4 * hidden), activation: activation,
                gate: isGated ? .first : nil, hasBias: try reader.flag("mlp_fc1_bias"), outputHasBias: try reader.flag("mlp_fc2_bias")))
        return .init(description: description, layouts: isGated ? [layout] : [plain])
    }

    private static func rotary(_ reader: ConfigurationReader, headSize: Int, trained: Int) throws(ModelError) -> Rotary {
        guard reader.has("rotary_emb_base") || reader.has("rotary_emb_fraction") else {
            return try reader.rotary(headSize: headSize, maxPositions: trained, defaultBase: 1000)
        }
        let base = try reader.number("rotary_emb_base", default: 10_000)
        let part = try reader.number("rotary_emb_fraction", default: 1)
        var rotary = try reader.rotary(headSize: headSize, maxPositions: trained, base: base, part: part)
        if reader.has("rotary_scaling_factor") {
            let factor = try reader.number("rotary_scaling_factor", default: 1)
            guard factor >= 1, factor < 1e6 else { throw reader.invalid("\"rotary_scaling_factor\" must be at least 1, found \(factor)") }
            rotary.growth = .init(trained: trained, factor: factor, base: base)
        }
        return rotary
    }

    /// The names of the published checkpoints. fc11 and fc12 are called so in the order of the formula fc2(fc11(x) · silu(fc12(x))).
    static let layout = TensorLayout(
        prefixes: ["", "nomic_bert.", "bert.", "0.auto_model."], words: "embeddings.word_embeddings",
        types: "embeddings.token_type_embeddings",
        embeddingNorm: "emb_ln", layer: "encoder.layers.#.", projections: ["attn.Wqkv"], attentionOutput: "attn.out_proj",
        afterAttention: "norm1", up: ["mlp.fc12", "mlp.fc11"], down: "mlp.fc2", afterFeedForward: "norm2")

    private static var plain: TensorLayout {
        var layout = layout
        layout.up = ["mlp.fc1"]
        return layout
    }
}
