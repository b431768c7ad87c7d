internal import MartletCompute
internal import MartletJSON

/// DeBERTa v2 and v3 (He et al. 2021, 2023): BERT whose attention also scores content against relative
/// positions.
enum DebertaV2 {
    static let family = Family(
        modelTypes: ["deberta-v2"],
        harmless: ["legacy", "conv_act", "talking_head", "z_steps", "model_max_length"],
        fromFolder: blueprint,
        classifier: { (reader, hidden) throws(ModelError) in try classifier(reader, hidden) })

    static func blueprint(_ reader: ConfigurationReader) throws(ModelError) -> ArchitectureRegistry.Blueprint
    {
        try reader.require("is_decoder", false, because: "only attention in both directions is supported")
        if let size = try reader.value("conv_kernel_size", "a whole number", \.int), size > 0 {
            throw reader.unsupported(
                "conv_kernel_size is \(size): a convolution beside the first layer is not supported")
        }
        let (hidden, heads) = (try reader.size("hidden_size"), try reader.size("num_attention_heads"))
        let headSize =
            reader.has("attention_head_size")
            ? try reader.size("attention_head_size") : try reader.headSize(hidden: hidden, heads: heads)
        guard headSize <= 256, heads <= 1024 else {
            throw reader.unsupported("\(heads) heads of \(headSize) dimensions are not supported")
        }
        guard try reader.size("embedding_size", default: hidden) == hidden else {
            throw reader.unsupported("embedding_size must be the hidden size")
        }
        let positions = try reader.size("max_position_embeddings", default: 512)
        let types = try reader.value("type_vocab_size", "a whole number", \.int) ?? 0
        let hasPositions = try reader.flag("position_biased_input", default: true)
        var attention = TransformerDescription.Attention(heads: heads, headSize: headSize)
        let kinds = try kinds(reader)
        attention.relative = try relative(reader, kinds, positions: positions)
        // The kinds count even where nothing is scored against positions.
        attention.scale = 1 / Float(headSize * (1 + kinds.count)).squareRoot()
        let description = TransformerDescription(
            architecture: "deberta-v2", vocabularySize: try reader.size("vocab_size"), hiddenSize: hidden,
            layers: try reader.layers(), maxPositions: positions,
            norm: .init(epsilon: try reader.epsilon("layer_norm_eps", default: 1e-7)),
            embeddings: .init(
                size: hidden, positions: hasPositions ? .init(rows: positions) : nil, types: max(types, 0)),
            attention: attention,
            feedForward: .init(
                size: try reader.size("intermediate_size"),
                activation: try reader.activation("hidden_act", default: "gelu")))
        return .init(description: description, layouts: [layout])
    }

    private static func relative(_ reader: ConfigurationReader, _ kinds: Set<String>, positions: Int)
        throws(ModelError) -> TransformerDescription.RelativeScores?
    {
        let isRelative = try reader.flag("relative_attention")
        let buckets = try reader.value("position_buckets", "a whole number", \.int) ?? -1
        let given = try reader.value("max_relative_positions", "a whole number", \.int) ?? -1
        let norm = try reader.string("norm_rel_ebd") ?? "none"
        let shares = try reader.flag("share_att_key")
        guard isRelative else { return nil }
        let most = given < 1 ? positions : given
        guard buckets <= 1 << 16, most <= 1 << 16, buckets < 1 || buckets >= 4 && most > buckets / 2 + 1
        else {
            throw reader.invalid("\(buckets) buckets for distances up to \(most) are not possible")
        }
        return .init(
            span: buckets > 0 ? buckets : most, buckets: max(buckets, 0), maxDistance: most,
            sharesProjections: shares, readsPositions: kinds.contains("c2p"),
            readsContent: kinds.contains("p2c"),
            normalisesTable: norm.lowercased().split(separator: "|").contains("layer_norm"))
    }

    /// `pos_att_type`: a list, or its names with bars between.
    private static func kinds(_ reader: ConfigurationReader) throws(ModelError) -> Set<String> {
        guard let member = reader.member(named: "pos_att_type"), !member.isNull else { return [] }
        let names =
            member.array?.compactMap(\.string)
            ?? member.string?.lowercased().split(separator: "|").map(String.init) ?? ["?"]
        for name in names where name != "c2p" && name != "p2c" {
            throw reader.unsupported(
                "pos_att_type \(name.quotedForMessage) is not supported; \"c2p\" and \"p2c\" are")
        }
        return Set(names)
    }

    static let layout = TensorLayout(
        prefixes: ["", "deberta.", "0.auto_model."], words: "embeddings.word_embeddings",
        positions: "embeddings.position_embeddings", types: "embeddings.token_type_embeddings",
        embeddingNorm: "embeddings.LayerNorm", layer: "encoder.layer.#.",
        projections: ["query", "key", "value"].map { "attention.self.\($0)_proj" },
        attentionOutput: "attention.output.dense", afterAttention: "attention.output.LayerNorm",
        up: ["intermediate.dense"], down: "output.dense", afterFeedForward: "output.LayerNorm",
        relative: .init(
            table: "encoder.rel_embeddings", norm: "encoder.LayerNorm",
            query: "attention.self.pos_query_proj", key: "attention.self.pos_key_proj"))

    /// The pooler, which reads the first token, then one matrix.
    private static func classifier(_ reader: ConfigurationReader, _ hidden: Int) throws(ModelError)
        -> ClassifierDescription
    {
        let size = try reader.size("pooler_hidden_size", default: hidden)
        return .init(
            .first,
            [
                .linear(
                    .init(
                        "pooler.dense", outputs: size,
                        activation: try reader.activation("pooler_hidden_act", default: "gelu"))),
                .linear(.init("classifier")),
            ])
    }
}
