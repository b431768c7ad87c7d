internal import MartletCompute
internal import MartletJSON

/// The encoder of T5 (Raffel et al. 2020), as sentence-t5 and gtr: RMSNorm before each part, a score for each
/// bucket of distances, no biases, and attention without a scale.
enum T5 {
    static let family = Family(
        modelTypes: ["t5"],
        harmless: [
            "n_positions", "num_decoder_layers", "scale_decoder_outputs", "dropout_rate",
            "relative_attention_max_distance",
        ],
        fromFolder: blueprint)

    /// T5 has no limit of positions; its scores for distances are computed ahead for this many.
    private static let longest = 2048

    static func blueprint(_ reader: ConfigurationReader) throws(ModelError) -> ArchitectureRegistry.Blueprint
    {
        try reader.require("is_decoder", false, because: "only attention in both directions is supported")
        let (hidden, heads) = (try reader.size("d_model"), try reader.size("num_heads"))
        let headSize = try reader.size("d_kv", default: 64)
        guard headSize <= 256 else {
            throw reader.unsupported("heads of \(headSize) dimensions are not supported; at most 256 are")
        }
        let buckets = try reader.size("relative_attention_num_buckets", default: 32)
        let distance = try reader.size("relative_attention_max_distance", default: 128)
        guard buckets % 4 == 0, distance == 128 else {
            throw reader.unsupported(
                "\(buckets) buckets of distances up to \(distance) are not supported; distances up to 128 are"
            )
        }
        let (isGated, activation) = try feedForward(reader)
        var attention = TransformerDescription.Attention(
            heads: heads, headSize: headSize, scale: 1, hasBias: false, outputHasBias: false)
        attention.distanceBias = .buckets(buckets)
        let description = TransformerDescription(
            architecture: "t5", vocabularySize: try reader.size("vocab_size"), hiddenSize: hidden,
            layers: try reader.size("num_layers"),
            maxPositions: longest,
            norm: .init(epsilon: try reader.epsilon("layer_norm_epsilon", default: 1e-6), isRMS: true),
            residual: .preNorm, embeddings: .init(size: hidden, hasNorm: false), attention: attention,
            feedForward: .init(
                size: try reader.size("d_ff"), activation: activation, gate: isGated ? .first : nil,
                hasBias: false, outputHasBias: false))
        var layouts = [layout, layout]
        layouts[1].words = "encoder.embed_tokens"
        if isGated {
            for index in layouts.indices {
                layouts[index].up = ["layer.1.DenseReluDense.wi_0", "layer.1.DenseReluDense.wi_1"]
            }
        }
        return .init(
            description: description, layouts: layouts,
            ignoredTensors: ["decoder.", "encoder.embed_tokens.", "shared."])
    }

    /// `feed_forward_proj` is an activation, or "gated-" and one; gated-gelu means the approximation by tanh.
    /// `dense_act_fn` and `is_gated_act`, which transformers writes beside it, count before it.
    private static func feedForward(_ reader: ConfigurationReader) throws(ModelError) -> (
        isGated: Bool, Activation
    ) {
        let name = try reader.string("feed_forward_proj") ?? "relu"
        let isGated = name.hasPrefix("gated-")
        let plain = isGated ? String(name.dropFirst("gated-".count)) : name
        guard let activation = Activation(configured: isGated && plain == "gelu" ? "gelu_new" : plain) else {
            throw reader.unsupported("feed_forward_proj \(name.quotedForMessage) is not supported")
        }
        let isGatedAsWritten = try reader.flag("is_gated_act", default: isGated)
        guard reader.has("dense_act_fn") else { return (isGatedAsWritten, activation) }
        return (isGatedAsWritten, try reader.activation("dense_act_fn", default: ""))
    }

    static let layout = TensorLayout(
        prefixes: ["", "0.auto_model.", "transformer."], words: "shared",
        distanceBias: "encoder.block.0.layer.0.SelfAttention.relative_attention_bias",
        finalNorm: "encoder.final_layer_norm",
        layer: "encoder.block.#.", beforeAttention: "layer.0.layer_norm",
        projections: ["layer.0.SelfAttention.q", "layer.0.SelfAttention.k", "layer.0.SelfAttention.v"],
        attentionOutput: "layer.0.SelfAttention.o", beforeFeedForward: "layer.1.layer_norm",
        up: ["layer.1.DenseReluDense.wi"],
        down: "layer.1.DenseReluDense.wo")
}
