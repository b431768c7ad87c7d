internal import MartletJSON

extension ModelFolder {
    /// Whether the encoder in `path` is jina-embeddings-v3, in the spelling of its publisher or that of transformers.
    func isJinaEmbeddingsV3(_ path: String) throws(MartletError) -> Bool {
        guard let config = try config(path.isEmpty ? "config.json" : path + "/config.json") else { return false }
        let (type, positions) = (try config.string("model_type"), try config.string("position_embedding_type"))
        return type == "jina_embeddings_v3" || type == "xlm-roberta" && positions == "rotary"
    }
}

extension ConfigFile {
    /// What is to be known of adapters for tasks that the configuration names and that are not applied; nil: it names none.
    var adapterNote: String? {
        guard let names = self["lora_adaptations"]?.array?.compactMap(\.string), !names.isEmpty else { return nil }
        return "The weights are those without a task; the model's adapters (\(names.joined(separator: ", "))) are not applied."
    }
}
