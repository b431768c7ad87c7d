internal import MartletCompute
internal import MartletJSON

/// jina-embeddings-v3 (Sturua et al. 2024): XLM-RoBERTa with rotary positions, and an adapter for each of
/// several tasks.
///
/// The published configuration calls it "xlm-roberta" with `position_embedding_type` "rotary", transformers
/// "jina_embeddings_v3".
enum JinaEmbeddingsV3 {
    static let family = Family(
        modelTypes: ["jina_embeddings_v3"], fromFolder: blueprint,
        classifier: { _, hidden in .dense(hidden, .tanh) })

    static func blueprint(_ reader: ConfigurationReader) throws(ModelError) -> ArchitectureRegistry.Blueprint
    {
        let isPublished = try reader.string("model_type") == "xlm-roberta"
        var description = try BertConfiguration(reader, positions: isPublished ? "rotary" : "absolute")
            .description
        description.architecture = "jina_embeddings_v3"
        description.norm.epsilon = try reader.epsilon("layer_norm_eps", default: 1e-5)
        description.embeddings.positions = nil
        let base = try reader.number("rotary_emb_base", default: isPublished ? 10_000 : 20_000)
        let rotary = try reader.rotary(
            headSize: description.attention.headSize, maxPositions: description.maxPositions,
            defaultBase: base)
        description.attention.spans = [.init(rotary: rotary)]
        return .init(description: description, layouts: [layout], adapters: try adapters(reader))
    }

    /// The names of the tasks, the rank of the pairs, and alpha / rank, by which their products are
    /// multiplied.
    private static func adapters(_ reader: ConfigurationReader) throws(ModelError) -> ArchitectureRegistry
        .Adapters?
    {
        guard let list = try reader.value("lora_adaptations", "a list", \.array), !list.isEmpty else {
            return nil
        }
        let tasks = list.compactMap(\.string)
        guard tasks.count == list.count, Set(tasks).count == tasks.count else {
            throw reader.invalid("\"lora_adaptations\" must be a list of different names")
        }
        let rank = try reader.size("lora_rank", default: 4)
        let alpha = try reader.number("lora_alpha", default: 1)
        guard rank <= 1 << 16, alpha.isFinite else {
            throw reader.invalid("adapters of rank \(rank) and alpha \(alpha) are not possible")
        }
        return .init(tasks: tasks, rank: rank, scale: Float(alpha / Double(rank)))
    }

    static let layout = TensorLayout(
        prefixes: ["", "roberta.", "jina_embeddings_v3.", "0.auto_model."],
        words: "embeddings.word_embeddings",
        types: "embeddings.token_type_embeddings", embeddingNorm: "emb_ln", layer: "encoder.layers.#.",
        projections: ["mixer.Wqkv"],
        attentionOutput: "mixer.out_proj", afterAttention: "norm1", up: ["mlp.fc1"], down: "mlp.fc2",
        afterFeedForward: "norm2",
        hasParametrizations: true)
}
