internal import MartletJSON

/// jina-embeddings-v5-text (2026): Qwen3 ("small") or EuroBERT ("nano") under a type of its own, with an
/// adapter for each task in a folder of its own.
enum JinaEmbeddingsV5 {
    static let family = Family(
        modelTypes: ["jina_embeddings_v5"], classes: ["JinaEmbeddingsV5Model"],
        harmless: Decoder.harmless + ["task_names"], fromFolder: blueprint)

    private static func blueprint(_ reader: ConfigurationReader) throws(ModelError)
        -> ArchitectureRegistry.Blueprint
    {
        // Only the configuration of Qwen3 has these.
        let isQwen = reader.has("max_window_layers") || reader.has("use_sliding_window")
        return try Decoder.blueprint(reader, as: isQwen ? "qwen3" : "eurobert")
    }
}
