internal import MartletCompute
internal import MartletJSON

/// nomic_bert, as nomic-embed-text v1 and v1.5 (Nussbaum et al. 2024): rotary positions, SwiGLU, hardly any
/// biases.
///
/// The published configurations use GPT-2's names, transformers' class BERT's.
enum NomicBert {
    static let family = Family(
        modelTypes: ["nomic_bert"], ggufNames: ["nomic-bert", "nomic-bert-moe"],
        classes: [
            "NomicBertModel", "NomicBertForPreTraining", "NomicBertForMaskedLM",
            "NomicBertForSequenceClassification",
        ],
        harmless: [
            "parallel_block_tied_norm", "scale_attn_by_inverse_layer_idx", "rotary_emb_scale_base",
            "tie_weights", "use_rms_norm", "num_shared_experts", "ffn_div", "expert_choice_router",
            "moe_normalize_expert_weights", "moe_impl", "skip_layer_norm", "num_experts", "moe_top_k",
            "head_dim", "rotary_interleaved", "max_position_embeddings", "n_positions",
            "dense_seq_output", "summary_first_dropout",
            "summary_proj_to_labels",
        ],
        fromFolder: blueprint(_:), fromGGUF: blueprint(_:file:), ggufForm: GGUFForm.nomic,
        classifier: { _, hidden in .pooled(hidden) })

    static func blueprint(_ reader: ConfigurationReader) throws(ModelError) -> ArchitectureRegistry.Blueprint
    {
        try reader.require("prenorm", false, because: "only norms after the sum are supported")
        try reader.require("use_rms_norm", false, because: "only layer norms are supported")
        try reader.require(
            "rotary_emb_interleaved", false, because: "only pairs half a head apart are supported")
        try reader.require("causal", false, because: "only attention in both directions is supported")
        try reader.require("parallel_block", false, because: "only blocks one after the other are supported")
        guard !reader.has("rotary_emb_scale_base") else {
            throw reader.unsupported("rotary_emb_scale_base is not supported; null is")
        }
        let (hidden, heads) = (
            try reader.size("n_embd", "hidden_size"), try reader.size("n_head", "num_attention_heads")
        )
        let headSize = try reader.headSize(hidden: hidden, heads: heads)
        let trained = try reader.size("max_trained_positions", "max_position_embeddings", default: 2048)
        let longest = try max(trained, reader.size("n_positions", default: trained))
        let rotary = try rotary(reader, headSize: headSize, trained: trained)
        let types = try reader.value("type_vocab_size", "a whole number", \.int) ?? 2
        let (isGated, activation) = try feedForward(reader)
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
                size: try reader.size("n_inner", "intermediate_size", default: 4 * hidden),
                activation: activation,
                gate: isGated ? .first : nil, hasBias: try reader.flag("mlp_fc1_bias"),
                outputHasBias: try reader.flag("mlp_fc2_bias"),
                experts: try experts(reader)))
        return .init(description: description, layouts: isGated ? [layout] : [plain])
    }

    /// `activation_function` of the published configurations, which says whether the network is gated, or
    /// `hidden_act` of transformers' class, whose network always is.
    private static func feedForward(_ reader: ConfigurationReader) throws(ModelError) -> (
        isGated: Bool, Activation
    ) {
        let own = try reader.activation("hidden_act", default: "silu")
        guard let name = try reader.string("activation_function") else { return (true, own) }
        let isGated = ["swiglu", "geglu"].contains(name)
        guard
            let activation = Activation(
                configured: name == "swiglu" ? "silu" : name == "geglu" ? "gelu" : name)
        else {
            throw reader.unsupported("activation_function \(name.quotedForMessage) is not supported")
        }
        guard !reader.has("hidden_act") || own == activation else {
            throw reader.unsupported(
                "activation_function \(name.quotedForMessage) and hidden_act do not say the same; remove the one that does not count"
            )
        }
        return (isGated, activation)
    }

    private static func rotary(_ reader: ConfigurationReader, headSize: Int, trained: Int) throws(ModelError)
        -> Rotary
    {
        guard ["rotary_emb_base", "rotary_emb_fraction", "rotary_scaling_factor"].contains(where: reader.has)
        else {
            return try reader.rotary(headSize: headSize, maxPositions: trained, defaultBase: 1000)
        }
        let base = try reader.number("rotary_emb_base", default: 10_000)
        let part = try reader.number("rotary_emb_fraction", default: 1)
        var rotary = try reader.rotary(headSize: headSize, maxPositions: trained, base: base, part: part)
        if reader.has("rotary_scaling_factor") {
            let factor = try reader.number("rotary_scaling_factor", default: 1)
            guard factor >= 1, factor < 1e6 else {
                throw reader.invalid("\"rotary_scaling_factor\" must be at least 1, found \(factor)")
            }
            rotary.growth = .init(trained: trained, factor: factor, base: base)
        }
        return rotary
    }

    /// nomic-embed-text-v2-moe (Nussbaum and Duderstadt 2025): every second layer has experts.
    private static func experts(_ reader: ConfigurationReader) throws(ModelError) -> TransformerDescription
        .Experts?
    {
        let every = try reader.value("moe_every_n_layers", "a whole number", \.int) ?? 0
        guard every > 0 else { return nil }
        try reader.require(
            "expert_choice_router", false, because: "only tokens that choose their experts are supported")
        try reader.require(
            "moe_normalize_expert_weights", false,
            because: "only probabilities over all experts are supported")
        guard try reader.number("ffn_div", default: 1) == 1,
            try reader.number("num_shared_experts", default: 0) == 0
        else {
            throw reader.unsupported("ffn_div and num_shared_experts other than 1 and 0 are not supported")
        }
        let (count, perToken) = (try reader.size("num_experts"), try reader.size("moe_top_k", default: 1))
        guard every > 1, count <= 256, perToken <= count,
            try reader.string("activation_function")?.hasSuffix("glu") != true
        else {
            throw reader.unsupported(
                "\(perToken) of \(count) experts in one layer of \(every) is not supported; plain networks in one layer of two or more are"
            )
        }
        return .init(count: count, perToken: perToken, every: every)
    }

    /// The names of the published checkpoints. fc11 and fc12 are called so in the order of the formula
    /// fc2(fc11(x) · silu(fc12(x))).
    static let layout = TensorLayout(
        prefixes: ["", "nomic_bert.", "bert.", "0.auto_model."], words: "embeddings.word_embeddings",
        types: "embeddings.token_type_embeddings",
        embeddingNorm: "emb_ln", layer: "encoder.layers.#.", projections: ["attn.Wqkv"],
        attentionOutput: "attn.out_proj",
        afterAttention: "norm1", up: ["mlp.fc12", "mlp.fc11"], down: "mlp.fc2", afterFeedForward: "norm2")

    private static var plain: TensorLayout {
        var layout = layout
        layout.up = ["mlp.fc1"]
        layout.experts = .init(
            router: "mlp.router.layer", up: "mlp.experts.mlp.w1", down: "mlp.experts.mlp.w2",
            bias: "mlp.experts.bias")
        return layout
    }
}
