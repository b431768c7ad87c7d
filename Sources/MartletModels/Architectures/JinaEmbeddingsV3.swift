internal import MartletJSON

/// jina-embeddings-v3 (Sturua et al. 2024) without its adapters for tasks: XLM-RoBERTa with rotary positions.
///
/// The published configuration calls it "xlm-roberta" with `position_embedding_type` "rotary", transformers "jina_embeddings_v3".
enum JinaEmbeddingsV3 {
    static func blueprint(_ json: JSONValue, file: String) throws(ModelError) -> ArchitectureRegistry.Blueprint {
        let reader = ConfigurationReader(json, file: file, family: "jina_embeddings_v3")
        let isPublished = try reader.string("model_type") == "xlm-roberta"
        var description = try BertConfiguration(json: json, file: file, positions: isPublished ? "rotary" : "absolute").description
        description.architecture = "jina_embeddings_v3"
        description.norm.epsilon = try reader.epsilon("layer_norm_eps", default: 1e-5)
        description.embeddings.positions = nil
        let base = try reader.number("rotary_emb_base", default: isPublished ? 10_000 : 20_000)
        let rotary = try reader.rotary(
            headSize: description.attention.headSize, maxPositions: description.maxPositions, defaultBase: base)
        description.attention.spans = [.init(rotary: rotary)]
        return .init(description: description, layouts: [layout])
    }

    static let layout = TensorLayout(
        prefixes: ["", "roberta.", "jina_embeddings_v3.", "0.auto_model."], words: "embeddings.word_embeddings",
        types: "embeddings.token_type_embeddings", embeddingNorm: "emb_ln", layer: "encoder.layers.#.", projections: ["mixer.Wqkv"],
        attentionOutput: "mixer.out_proj", afterAttention: "norm1", up: ["mlp.fc1"], down: "mlp.fc2", afterFeedForward: "norm2",
        hasParametrizations: true)
}
