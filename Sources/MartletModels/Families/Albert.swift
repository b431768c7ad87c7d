internal import MartletCompute
internal import MartletJSON

/// ALBERT (Lan et al. 2020): BERT whose layers are one and the same, with tables narrower than the layers.
enum Albert {
    static let family = Family(
        modelTypes: ["albert"],
        harmless: ["net_structure_type", "gap_size", "num_memory_blocks", "down_scale_factor"],
        fromFolder: blueprint, classifier: { _, hidden in classifier(hidden) })

    static func blueprint(_ reader: ConfigurationReader) throws(ModelError) -> ArchitectureRegistry.Blueprint
    {
        for key in ["num_hidden_groups", "inner_group_num"] {
            let count = try reader.size(key, default: 1)
            guard count == 1 else {
                throw reader.unsupported(
                    "\(key) is \(count); only layers that are all the same are supported")
            }
        }
        var description = try BertConfiguration(reader).description
        description.architecture = "albert"
        description.feedForward.activation = try reader.activation("hidden_act", default: "gelu_new")
        description.embeddings.size = try reader.size("embedding_size", default: 128)
        guard description.embeddings.size != description.hiddenSize else {
            throw reader.unsupported(
                "embedding_size is the hidden size; only narrower tables with a projection are supported")
        }
        return .init(description: description, layouts: [layout])
    }

    static let layout = TensorLayout(
        prefixes: ["", "albert.", "0.auto_model."], words: "embeddings.word_embeddings",
        positions: "embeddings.position_embeddings",
        types: "embeddings.token_type_embeddings", embeddingNorm: "embeddings.LayerNorm",
        embeddingProjection: "encoder.embedding_hidden_mapping_in",
        layer: "encoder.albert_layer_groups.0.albert_layers.0.",
        projections: ["attention.query", "attention.key", "attention.value"],
        attentionOutput: "attention.dense",
        afterAttention: "attention.LayerNorm", up: ["ffn"], down: "ffn_output",
        afterFeedForward: "full_layer_layer_norm")

    /// The pooler, then one matrix.
    static func classifier(_ hidden: Int) -> ClassifierDescription {
        .init(
            .first,
            [
                .linear(.init(names: ["albert.pooler", "pooler"], outputs: hidden, activation: .tanh)),
                .linear(.init("classifier")),
            ])
    }
}
