internal import MartletJSON

/// Gemma 3's text model, as EmbeddingGemma (Vera et al. 2025): norms on both sides, RMSNorm of weights stored
/// less 1, normalised heads, local attention in five layers of six, and attention in both directions where
/// the configuration says so.
enum Gemma3 {
    static let family = Family(
        modelTypes: ["gemma3_text"], ggufNames: ["gemma-embedding"],
        harmless: ["hidden_act", "use_bidirectional_attention", "sliding_window"],
        fromFolder: blueprint(_:), fromGGUF: blueprint(_:file:), classifier: { _, _ in .score })

    static func blueprint(_ reader: ConfigurationReader) throws(ModelError) -> ArchitectureRegistry.Blueprint
    {
        guard !reader.has("attn_logit_softcapping") else {
            throw reader.unsupported("attn_logit_softcapping is not supported; null is")
        }
        let (hidden, heads) = (try reader.size("hidden_size"), try reader.size("num_attention_heads"))
        let (keyHeads, headSize) = (
            try reader.size("num_key_value_heads", default: 4), try reader.size("head_dim", default: 256)
        )
        guard heads % keyHeads == 0 else {
            throw reader.invalid(
                "\(heads) attention heads are no multiple of \(keyHeads) heads of keys and values")
        }
        guard headSize <= 256 else {
            throw reader.unsupported("heads of \(headSize) dimensions are not supported; at most 256 are")
        }
        let (layers, positions) = (
            try reader.layers(), try reader.size("max_position_embeddings", default: 131_072)
        )
        let every = try reader.size("sliding_window_pattern", "_sliding_window_pattern", default: 6)
        let isSliding = try reader.slidingLayers(layers) { ($0 + 1) % every != 0 }
        let isBidirectional = try reader.flag("use_bidirectional_attention")
        // A causal window counts the query itself; in both directions half of the window lies on each side.
        let window = try reader.size("sliding_window", default: 4096)
        let global = try reader.rotary(
            layerType: "full_attention", baseKey: "rope_theta", defaultBase: 1_000_000, headSize: headSize,
            maxPositions: positions)
        let local = try reader.localRotary(headSize: headSize, maxPositions: positions)
        let bias = try reader.flag("attention_bias")
        let scalar = try reader.number("query_pre_attn_scalar", default: 256)
        guard scalar > 0 else {
            throw reader.invalid("\"query_pre_attn_scalar\" must be positive, found \(scalar)")
        }
        let description = TransformerDescription(
            architecture: "gemma3_text", vocabularySize: try reader.size("vocab_size"), hiddenSize: hidden,
            layers: layers,
            maxPositions: positions,
            norm: .init(epsilon: try reader.epsilon("rms_norm_eps", default: 1e-6), isRMS: true, offset: 1),
            residual: .sandwich,
            embeddings: .init(size: hidden, hasNorm: false, scale: Float(hidden).squareRoot()),
            attention: .init(
                heads: heads, keyValueHeads: keyHeads, headSize: headSize,
                scale: Float(1 / scalar.squareRoot()), hasBias: bias,
                outputHasBias: bias, normalisesHeads: true, isCausal: !isBidirectional,
                spans: [
                    .init(rotary: global),
                    .init(reach: isBidirectional ? window / 2 : window - 1, rotary: local),
                ],
                spanOfLayer: isSliding.map { $0 ? 1 : 0 }),
            feedForward: .init(
                size: try reader.size("intermediate_size"),
                activation: try reader.activation("hidden_activation", default: "gelu_pytorch_tanh"),
                gate: .first, hasBias: false,
                outputHasBias: false))
        return .init(description: description, layouts: [layout])
    }

    static var layout: TensorLayout {
        var layout = Decoder.layout
        layout.afterAttention = "post_attention_layernorm"
        layout.beforeFeedForward = "pre_feedforward_layernorm"
        layout.afterFeedForward = "post_feedforward_layernorm"
        return layout
    }
}

extension ConfigurationReader {
    /// `rope_scaling` is for the layers that see everything.
    fileprivate func localRotary(headSize: Int, maxPositions: Int) throws(ModelError) -> Rotary {
        let base = try number("rope_local_base_freq", default: 10_000)
        if has("rope_parameters") {
            let all = try member("rope_parameters")
            guard all.has("sliding_attention") else {
                throw all.invalid("has no \"sliding_attention\"", separator: " ")
            }
            return try all.member("sliding_attention").rotary(
                headSize: headSize, maxPositions: maxPositions, base: base)
        }
        let plain = ConfigurationReader(.object(.init()), file: file, family: family)
        return try plain.rotary(headSize: headSize, maxPositions: maxPositions, base: base)
    }
}
