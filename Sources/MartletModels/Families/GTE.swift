internal import MartletJSON

/// The encoder of gte-*-en-v1.5, gte-multilingual-base and arctic-embed-m-v2 (Zhang et al. 2024): BERT with
/// rotary positions and a gated feed-forward network. `model_type` is "new" in the published configurations
/// and "gte" in transformers.
enum GTE {
    static let family = Family(
        modelTypes: ["new", "gte"],
        classes: [
            "NewModel", "NewForMaskedLM", "NewForSequenceClassification", "GteModel", "GteForMaskedLM",
        ],
        harmless: ["logn_attention_clip1", "rope_theta"], fromFolder: blueprint,
        classifier: { _, hidden in .pooled(hidden) },
        maskedLM: MaskedLMNames(
            dense: "lm_head.dense", norm: "lm_head.norm", decoder: "lm_head.decoder",
            biases: ["lm_head.decoder.bias", "lm_head.bias"], activation: "hidden_act"))

    static func blueprint(_ reader: ConfigurationReader) throws(ModelError) -> ArchitectureRegistry.Blueprint
    {
        try reader.require("position_embedding_type", oneOf: "rope")
        try reader.require("layer_norm_type", oneOf: "layer_norm")
        try reader.require(
            "logn_attention_scale", false, because: "only a constant scale of attention is supported")
        try reader.require(
            "pack_qkv", true, because: "only queries, keys and values in one matrix are supported")
        let (hidden, heads) = (try reader.size("hidden_size"), try reader.size("num_attention_heads"))
        let headSize = try reader.headSize(hidden: hidden, heads: heads)
        let positions = try reader.size("max_position_embeddings", default: 8192)
        let isNew = try reader.string("model_type") == "new"
        let rotary = try reader.rotary(
            headSize: headSize, maxPositions: positions, defaultBase: isNew ? 10_000 : 160_000)
        let types = try reader.value("type_vocab_size", "a whole number", \.int) ?? 1
        let description = TransformerDescription(
            architecture: "gte", vocabularySize: try reader.size("vocab_size"), hiddenSize: hidden,
            layers: try reader.size("num_hidden_layers"), maxPositions: positions,
            norm: .init(epsilon: try reader.epsilon("layer_norm_eps", default: 1e-12)),
            embeddings: .init(size: hidden, types: max(types, 0)),
            attention: .init(heads: heads, headSize: headSize, spans: [.init(rotary: rotary)]),
            feedForward: .init(
                size: try reader.size("intermediate_size"),
                activation: try reader.activation("hidden_act", default: "gelu"), gate: .second,
                hasBias: false))
        return .init(description: description, layouts: [layout])
    }

    static let layout = TensorLayout(
        prefixes: ["", "new.", "gte.", "0.auto_model."], words: "embeddings.word_embeddings",
        types: "embeddings.token_type_embeddings",
        embeddingNorm: "embeddings.LayerNorm", layer: "encoder.layer.#.", projections: ["attention.qkv_proj"],
        attentionOutput: "attention.o_proj", afterAttention: "attn_ln", up: ["mlp.up_gate_proj"],
        down: "mlp.down_proj",
        afterFeedForward: "mlp_ln")
}
