internal import MartletJSON

/// ModernBERT (Warner et al. 2024): norms before, rotary positions, gated feed-forward, and local attention
/// in two layers of three.
enum ModernBert {
    static let family = Family(
        modelTypes: ["modernbert"], ggufNames: ["modern-bert"],
        harmless: [
            "position_embedding_type", "rope_theta", "layer_norm_eps", "global_rope_theta",
            "local_rope_theta", "tie_weights",
        ],
        fromFolder: blueprint(_:), fromGGUF: blueprint(_:file:), ggufForm: GGUFForm.modern,
        classifier: { (reader, hidden) throws(ModelError) in try classifier(reader, hidden) },
        maskedLM: MaskedLMNames(
            dense: "head.dense", norm: "head.norm", decoder: "decoder", biases: ["decoder.bias"],
            activation: "classifier_activation", epsilon: "norm_eps", defaultEpsilon: 1e-5))

    static func blueprint(_ reader: ConfigurationReader) throws(ModelError) -> ArchitectureRegistry.Blueprint
    {
        let (hidden, heads) = (try reader.size("hidden_size"), try reader.size("num_attention_heads"))
        let headSize = try reader.headSize(hidden: hidden, heads: heads)
        let (layers, positions) = (
            try reader.layers(), try reader.size("max_position_embeddings", default: 8192)
        )
        let every = try reader.size("global_attn_every_n_layers", default: 3)
        let isLocal = try reader.slidingLayers(layers) { $0 % every != 0 }
        let base = try reader.number("global_rope_theta", default: 160_000)
        let global = try reader.rotary(
            layerType: "full_attention", baseKey: "global_rope_theta", defaultBase: base, headSize: headSize,
            maxPositions: positions)
        // A local base that is null is the global one; one that is absent is the class's default.
        let localBase = reader.member(named: "local_rope_theta")?.isNull == true ? base : 10_000
        let local = try reader.rotary(
            layerType: "sliding_attention", baseKey: "local_rope_theta", defaultBase: localBase,
            headSize: headSize,
            maxPositions: positions)
        // local_attention is the whole window: half of it before the query and half after.
        let reach = try reader.size("local_attention", default: 128) / 2
        let (bias, norm) = (try reader.flag("attention_bias"), try reader.flag("norm_bias"))
        let description = TransformerDescription(
            architecture: "modernbert", vocabularySize: try reader.size("vocab_size"), hiddenSize: hidden,
            layers: layers,
            maxPositions: positions,
            norm: .init(epsilon: try reader.epsilon("norm_eps", default: 1e-5), hasBias: norm),
            residual: .preNorm,
            embeddings: .init(size: hidden, feedsFirstLayer: true),
            attention: .init(
                heads: heads, headSize: headSize, hasBias: bias, outputHasBias: bias,
                spans: [.init(rotary: global), .init(reach: reach, rotary: local)],
                spanOfLayer: isLocal.map { $0 ? 1 : 0 }),
            feedForward: .init(
                size: try reader.size("intermediate_size"),
                activation: try reader.activation("hidden_activation", default: "gelu"),
                gate: .first, hasBias: try reader.flag("mlp_bias"), outputHasBias: try reader.flag("mlp_bias")
            ))
        return .init(description: description, layouts: [layout])
    }

    static let layout = TensorLayout(
        prefixes: ["", "model.", "0.auto_model."], words: "embeddings.tok_embeddings",
        embeddingNorm: "embeddings.norm",
        finalNorm: "final_norm", layer: "layers.#.", beforeAttention: "attn_norm", projections: ["attn.Wqkv"],
        attentionOutput: "attn.Wo",
        beforeFeedForward: "mlp_norm", up: ["mlp.Wi"], down: "mlp.Wo")

    private static func classifier(_ reader: ConfigurationReader, _ hidden: Int) throws(ModelError)
        -> ClassifierDescription
    {
        try reader.require("classifier_pooling", oneOf: "cls", "mean")
        let pooling = try reader.string("classifier_pooling") ?? "cls"
        let dense = ClassifierDescription.Linear(
            "head.dense", outputs: hidden, hasBias: try reader.flag("classifier_bias"),
            activation: try reader.activation("classifier_activation", default: "gelu"))
        let norm = ClassifierDescription.Norm(
            "head.norm", epsilon: try reader.epsilon("norm_eps", default: 1e-5),
            hasBias: try reader.flag("norm_bias"))
        return .init(
            pooling == "mean" ? .mean : .first, [.linear(dense), .norm(norm), .linear(.init("classifier"))])
    }
}

extension ConfigurationReader {
    /// Which layers see a window only: `layer_types`, or a rule where that is absent.
    func slidingLayers(_ layers: Int, rule: (Int) -> Bool) throws(ModelError) -> [Bool] {
        guard let types = try value("layer_types", "an array", \.array) else { return (0..<layers).map(rule) }
        var isSliding: [Bool] = []
        for type in types {
            switch type.string {
            case "sliding_attention": isSliding.append(true)
            case "full_attention": isSliding.append(false)
            default:
                throw unsupported(
                    "layer_types holds \((type.string ?? type.kind).quotedForMessage); full_attention and sliding_attention are supported"
                )
            }
        }
        guard isSliding.count == layers else {
            throw invalid("\"layer_types\" has \(isSliding.count) entries for \(layers) layers")
        }
        return isSliding
    }

    /// Rotary positions of one type of layers: in `rope_parameters` by type, or the base in a member of its
    /// own. What `rope_scaling` says comes first, as in transformers.
    func rotary(layerType: String, baseKey: String, defaultBase: Double, headSize: Int, maxPositions: Int)
        throws(ModelError) -> Rotary
    {
        let base = try number(baseKey, default: defaultBase)
        let scaling = try has("rope_scaling") ? member("rope_scaling") : nil
        let nothing = ConfigurationReader(.object(.init()), file: file, family: family)
        guard has("rope_parameters") else {
            return try (scaling ?? nothing).rotary(headSize: headSize, maxPositions: maxPositions, base: base)
        }
        let all = try member("rope_parameters")
        guard all.has(layerType) else { throw all.invalid("has no \"\(layerType)\"", separator: " ") }
        let own = try all.member(layerType)
        return try own.overlaid(by: scaling).rotary(
            headSize: headSize, maxPositions: maxPositions, base: base)
    }
}
