internal import MartletJSON

/// Decoders of Llama's form that embed: Llama, Qwen2, Qwen3, Mistral and Ministral 3.
///
/// Norms before, RMSNorm, rotary positions, groups of heads that share keys and values, SwiGLU. Attention
/// sees earlier keys only, unless `is_causal` is false, as in gte-Qwen2.
enum Decoder {
    static let families = [
        family(
            "qwen2", ggufNames: ["qwen2"],
            classes: ["Qwen2Model", "Qwen2ForCausalLM", "Qwen2ForSequenceClassification"]),
        family("qwen3", ggufNames: ["qwen3"], classes: ["Qwen3Model"]),
        family("mistral"),
        family("ministral3", classes: ["Ministral3Model"], hasClassifier: false),
        family("llama", ggufNames: ["llama"], hasClassifier: false),
        family("llama_bidirec", hasClassifier: false),
    ]

    private static func family(
        _ type: String, ggufNames: [String] = [], classes: [String] = [], hasClassifier: Bool = true
    ) -> Family {
        var family = Family(
            modelTypes: [type], ggufNames: ggufNames, classes: bidirectionalClasses + classes,
            harmless: harmless, fromFolder: blueprint(_:))
        if !ggufNames.isEmpty {
            family.fromGGUF = blueprint(_:file:)
            family.ggufForm = GGUFForm.decoder
        }
        if hasClassifier { family.classifier = { _, _ in .score } }
        return family
    }

    /// Members of config.json without effect.
    static let harmless = [
        "head_dim", "max_window_layers", "sliding_window", "use_sliding_window", "layer_types",
        "attention_bias", "mlp_bias", "is_causal", "mask_token", "pad_token", "pooling",
    ]

    static func blueprint(_ reader: ConfigurationReader) throws(ModelError) -> ArchitectureRegistry.Blueprint
    {
        try blueprint(reader, as: reader.string("model_type") ?? "")
    }

    /// - Parameter type: The `model_type` whose rules count.
    static func blueprint(_ reader: ConfigurationReader, as type: String) throws(ModelError)
        -> ArchitectureRegistry.Blueprint
    {
        let reader = type == "ministral3" ? reader.withMinistralRope() : reader
        let (hidden, heads) = (try reader.size("hidden_size"), try reader.size("num_attention_heads"))
        let keyHeads = try reader.size(
            "num_key_value_heads",
            default: ["mistral", "ministral3"].contains(type)
                ? 8 : ["eurobert", "llama", "llama_bidirec"].contains(type) ? heads : 32)
        guard heads % keyHeads == 0 else {
            throw reader.invalid(
                "\(heads) attention heads are no multiple of \(keyHeads) heads of keys and values")
        }
        let hasHeadSize = type == "qwen3" || type == "ministral3" || reader.has("head_dim")
        let headSize =
            hasHeadSize
            ? try reader.size("head_dim", default: 128) : try reader.headSize(hidden: hidden, heads: heads)
        guard headSize <= 256 else {
            throw reader.unsupported("heads of \(headSize) dimensions are not supported; at most 256 are")
        }
        let positions = try reader.size(
            "max_position_embeddings",
            default: type == "mistral"
                ? 131_072
                : type == "ministral3"
                    ? 262_144 : type == "eurobert" ? 8192 : type.hasPrefix("llama") ? 2048 : 32_768)
        // EuroBERT's base stands in its published files; transformers' class does not know it.
        let isOther = try reader.string("model_type") != type
        let rotary = try reader.rotary(
            headSize: headSize, maxPositions: positions,
            defaultBase: type == "eurobert" && isOther ? 250_000 : 10_000)
        let growth = try type == "ministral3" ? reader.queryGrowth() : nil
        let layers = try reader.layers()
        let (window, isSliding) = try sliding(reader, type, layers)
        let bias =
            type == "qwen2"
            ? true : ["mistral", "ministral3"].contains(type) ? false : try reader.flag("attention_bias")
        let mlpBias = type == "eurobert" || type.hasPrefix("llama") ? try reader.flag("mlp_bias") : false
        let isCausal = try isCausal(reader, type)
        let description = TransformerDescription(
            architecture: type, vocabularySize: try reader.size("vocab_size"), hiddenSize: hidden,
            layers: layers, maxPositions: positions,
            norm: .init(
                epsilon: try reader.epsilon(
                    "rms_norm_eps", default: ["eurobert", "ministral3"].contains(type) ? 1e-5 : 1e-6),
                isRMS: true),
            residual: .preNorm, embeddings: .init(size: hidden, hasNorm: false),
            attention: .init(
                heads: heads, keyValueHeads: keyHeads, headSize: headSize, hasBias: bias,
                outputHasBias: bias && type != "qwen2",
                normalisesHeads: type == "qwen3", isCausal: isCausal,
                // A causal window counts the query itself, one in both directions does not.
                spans: [
                    .init(rotary: rotary), .init(reach: isCausal ? window - 1 : window, rotary: rotary),
                ],
                spanOfLayer: isSliding.map { $0 ? 1 : 0 }, queryGrowth: growth),
            feedForward: .init(
                size: try reader.size("intermediate_size"),
                activation: try reader.activation("hidden_act", default: "silu"), gate: .first,
                hasBias: mlpBias, outputHasBias: mlpBias))
        return .init(description: description, layouts: [layout])
    }

    /// Whether a token sees earlier ones only. transformers' member is `is_causal`; published models of both
    /// directions also say `use_bidirectional_attention` (voyage-4-nano), or have a class of their own.
    private static func isCausal(_ reader: ConfigurationReader, _ type: String) throws(ModelError) -> Bool {
        if bidirectionalTypes.contains(type) { return false }
        if type == "eurobert" { return try reader.flag("is_causal") }
        let bothWays =
            try reader.flag("use_bidirectional_attention") || reader.hasClass(in: bidirectionalClasses)
        return try reader.flag("is_causal", default: !bothWays)
    }

    /// `model_type` of decoders that their publishers made bidirectional.
    static let bidirectionalTypes = ["llama_bidirec"]
    /// Classes of published modelling code that are such decoders.
    static let bidirectionalClasses = [
        "Qwen3BidirectionalModel", "LlamaBidirectionalModel", "LlamaBidirectionalForSequenceClassification",
    ]

    /// The window, and which layers see no more than it.
    private static func sliding(_ reader: ConfigurationReader, _ type: String, _ layers: Int)
        throws(ModelError) -> (Int, [Bool])
    {
        let window = try reader.size("sliding_window", default: 4096)
        if type == "ministral3" {
            return (window, Array(repeating: reader.has("sliding_window"), count: layers))
        }
        // A window that is null is no window; one that is absent is the class's default.
        let hasWindow = reader.member(named: "sliding_window")?.isNull != true
        if type == "mistral" {
            // With a list of types transformers takes the class of Ministral, whose layers differ.
            let isSliding = try reader.slidingLayers(layers) { _ in hasWindow }
            guard hasWindow || !isSliding.contains(true) else {
                throw reader.invalid(
                    "\"layer_types\" has layers with a window, and \"sliding_window\" is null")
            }
            return (window, isSliding)
        }
        let uses = try reader.flag("use_sliding_window") && hasWindow
        let from = try reader.value("max_window_layers", "a whole number", \.int) ?? 28
        return (
            window,
            type == "eurobert" || type.hasPrefix("llama")
                ? [] : try reader.slidingLayers(layers) { uses && $0 >= from }
        )
    }

    static let layout = TensorLayout(
        prefixes: ["", "model.", "0.auto_model.", "language_model."], words: "embed_tokens",
        finalNorm: "norm", layer: "layers.#.",
        beforeAttention: "input_layernorm",
        projections: ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"],
        queryNorm: "self_attn.q_norm", keyNorm: "self_attn.k_norm", attentionOutput: "self_attn.o_proj",
        beforeFeedForward: "post_attention_layernorm", up: ["mlp.gate_proj", "mlp.up_proj"],
        down: "mlp.down_proj")
}

extension ConfigurationReader {
    /// With what Ministral 3's class puts where a configuration says nothing of rotary positions.
    fileprivate func withMinistralRope() -> ConfigurationReader {
        if has("rope_parameters") || has("rope_scaling") { return self }
        let rope = JSONValue.object([
            "type": .string("yarn"), "rope_theta": .number(1e6), "factor": .number(16),
            "original_max_position_embeddings": .integer(16_384), "beta_fast": .number(32),
            "beta_slow": .number(1), "mscale": .number(1), "mscale_all_dim": .number(1),
            "llama_4_scaling_beta": .number(0.1),
        ])
        let whole = JSONValue.object(["rope_parameters": rope])
        return overlaid(by: ConfigurationReader(whole, file: file, family: family, place: place))
    }

    /// Ministral 3's scale of queries, which its rotary positions name.
    fileprivate func queryGrowth() throws(ModelError) -> TransformerDescription.QueryGrowth {
        guard has("rope_parameters") else {
            throw unsupported("\"rope_parameters\" is missing, whose \"llama_4_scaling_beta\" is needed")
        }
        let rope = try member("rope_parameters")
        // Repeats that of the configuration, and is read from there.
        _ = rope.has("max_position_embeddings")
        guard rope.has("llama_4_scaling_beta"), rope.has("original_max_position_embeddings") else {
            throw unsupported(
                "\"rope_parameters\" needs \"llama_4_scaling_beta\" and \"original_max_position_embeddings\"")
        }
        return .init(
            factor: Float(try rope.number("llama_4_scaling_beta", default: 0)),
            every: try rope.size("original_max_position_embeddings"))
    }
}
