internal import MartletCompute
internal import MartletJSON

/// MPNet (Song et al. 2020): BERT without token types, with positions counted from the padding id and a score
/// for each bucket of distances.
enum MPNet {
    static let family = Family(
        modelTypes: ["mpnet"], harmless: ["type_vocab_size"], fromFolder: blueprint,
        classifier: { _, hidden in .dense(hidden, .tanh) }, maskedLM: .roberta)

    static func blueprint(_ reader: ConfigurationReader) throws(ModelError) -> ArchitectureRegistry.Blueprint
    {
        var description = try BertConfiguration(reader).description
        description.architecture = "mpnet"
        description.embeddings.types = 0
        // transformers' MPNet knows no other padding id than 1, and no other number of buckets than 32.
        try description.countPositions(fromPadding: 1, reader.file)
        let buckets = try reader.size("relative_attention_num_buckets", default: 32)
        guard buckets == 32 else {
            throw reader.unsupported("relative_attention_num_buckets \(buckets) is not supported; 32 is")
        }
        description.attention.distanceBias = .buckets(buckets)
        return .init(description: description, layouts: [layout])
    }

    static let layout = TensorLayout(
        prefixes: ["", "mpnet.", "0.auto_model."], words: "embeddings.word_embeddings",
        positions: "embeddings.position_embeddings",
        embeddingNorm: "embeddings.LayerNorm", distanceBias: "encoder.relative_attention_bias",
        layer: "encoder.layer.#.",
        projections: ["attention.attn.q", "attention.attn.k", "attention.attn.v"],
        attentionOutput: "attention.attn.o",
        afterAttention: "attention.LayerNorm", up: ["intermediate.dense"], down: "output.dense",
        afterFeedForward: "output.LayerNorm")
}
