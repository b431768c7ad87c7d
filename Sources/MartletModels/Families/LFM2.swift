internal import MartletCompute
internal import MartletJSON

/// LFM2 (Liquid AI 2025): layers of short convolutions between layers of attention, with normalised heads,
/// RMSNorm before each part, and SwiGLU. Those that embed see both directions, and centre their convolutions.
enum LFM2 {
    static let family = Family(
        modelTypes: ["lfm2", "lfm2_bidirectional"],
        classes: ["Lfm2Model", "Lfm2ForCausalLM"] + bidirectionalClasses,
        harmless: [
            "block_dim", "block_mlp_init_scale", "block_out_init_scale", "block_norm_eps", "block_use_swiglu",
            "block_use_xavier_init", "conv_dim", "conv_dim_out", "conv_use_xavier_init", "num_heads",
            "use_pos_enc", "tie_embedding", "full_attn_idxs",
            // Of padding, which there is none of.
            "conv_zero_padding",
        ], fromFolder: blueprint(_:))

    /// Classes of published modelling code that see both directions.
    private static let bidirectionalClasses = ["Lfm2BidirectionalModel", "Lfm2BidirectionalForMaskedLM"]

    static func blueprint(_ reader: ConfigurationReader) throws(ModelError) -> ArchitectureRegistry.Blueprint
    {
        let isCausal =
            try reader.string("model_type") == "lfm2" && !reader.hasClass(in: bidirectionalClasses)
        let (hidden, heads) = (try reader.size("hidden_size"), try reader.size("num_attention_heads"))
        let keyHeads = try reader.size("num_key_value_heads", default: 8)
        guard heads % keyHeads == 0 else {
            throw reader.invalid(
                "\(heads) attention heads are no multiple of \(keyHeads) heads of keys and values")
        }
        let headSize =
            reader.has("head_dim")
            ? try reader.size("head_dim") : try reader.headSize(hidden: hidden, heads: heads)
        // Attention and convolution share the rows that they fill.
        guard heads * headSize == hidden, headSize <= 256 else {
            throw reader.unsupported(
                "\(heads) heads of \(headSize) dimensions are not supported; heads of at most 256 that are as wide as the hidden size together are"
            )
        }
        let (layers, positions) = (
            try reader.layers(), try reader.size("max_position_embeddings", default: 128_000)
        )
        let length = try reader.size("conv_L_cache", default: 3)
        guard length <= 64 else {
            throw reader.unsupported("convolutions over \(length) tokens are not supported; at most 64 are")
        }
        let rotary = try reader.rotary(
            headSize: headSize, maxPositions: positions, defaultBase: 1_000_000)
        var description = TransformerDescription(
            architecture: "lfm2", vocabularySize: try reader.size("vocab_size"), hiddenSize: hidden,
            layers: layers, maxPositions: positions,
            norm: .init(epsilon: try reader.epsilon("norm_eps", default: 1e-5), isRMS: true),
            residual: .preNorm, embeddings: .init(size: hidden, hasNorm: false),
            attention: .init(
                heads: heads, keyValueHeads: keyHeads, headSize: headSize, hasBias: false,
                outputHasBias: false, normalisesHeads: true, isCausal: isCausal,
                spans: [.init(rotary: rotary)]),
            feedForward: .init(
                size: try innerSize(reader), activation: .silu, gate: .first, hasBias: false,
                outputHasBias: false))
        description.convolution = .init(
            length: length, before: isCausal ? length - 1 : length / 2, hasBias: try reader.flag("conv_bias"),
            isOfLayer: try convolutions(reader, layers))
        return .init(description: description, layouts: [layout])
    }

    /// Width of the feed-forward network: two thirds of what the configuration says, times a factor, and
    /// rounded up.
    private static func innerSize(_ reader: ConfigurationReader) throws(ModelError) -> Int {
        let stated = try reader.size("intermediate_size", default: 12_288)
        let size = reader.has("block_ff_dim") ? try reader.size("block_ff_dim") : stated
        let (factor, step) = (
            try reader.number("block_ffn_dim_multiplier", default: 1),
            try reader.size("block_multiple_of", default: 256)
        )
        guard try reader.flag("block_auto_adjust_ff_dim", default: true) else { return size }
        let narrowed = 2 * size / 3
        // A factor that is null is none, and nothing is rounded.
        if reader.member(named: "block_ffn_dim_multiplier")?.isNull == true { return narrowed }
        let scaled = factor * Double(narrowed)
        guard scaled >= 1, scaled < 1e7 else {
            throw reader.invalid("a feed-forward network of \(scaled) units is not possible")
        }
        return (Int(scaled) + step - 1) / step * step
    }

    /// Which layers have a convolution: those of another type than "full_attention".
    private static func convolutions(_ reader: ConfigurationReader, _ layers: Int) throws(ModelError)
        -> [Bool]
    {
        guard reader.has("layer_types") else {
            let attending =
                try reader.value("full_attn_idxs", "a list of numbers", { $0.array?.compactMap(\.int) })
                ?? Array(0..<layers)
            return (0..<layers).map { !attending.contains($0) }
        }
        let types =
            try reader.value("layer_types", "a list of strings", { $0.array?.compactMap(\.string) }) ?? []
        guard types.count >= layers, types.allSatisfy({ ["conv", "full_attention"].contains($0) }) else {
            throw reader.invalid(
                "\"layer_types\" must give each of \(layers) layers \"conv\" or \"full_attention\"")
        }
        return types.prefix(layers).map { $0 == "conv" }
    }

    static let layout = TensorLayout(
        prefixes: ["", "model.", "0.auto_model."], words: "embed_tokens", finalNorm: "embedding_norm",
        layer: "layers.#.", beforeAttention: "operator_norm",
        projections: ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"],
        queryNorm: "self_attn.q_layernorm", keyNorm: "self_attn.k_layernorm",
        attentionOutput: "self_attn.out_proj", beforeFeedForward: "ffn_norm",
        up: ["feed_forward.w1", "feed_forward.w3"], down: "feed_forward.w2",
        convolution: .init(projection: "conv.in_proj", weights: "conv.conv", output: "conv.out_proj"))
}
