internal import MartletJSON
internal import MartletWeights

/// BERT (Devlin et al. 2018).
enum Bert {
    static func blueprint(json: JSONValue, file: String) throws(ModelError) -> ArchitectureRegistry.Blueprint {
        if json["position_embedding_type"]?.string == "alibi" { return try JinaBert.blueprint(json, file: file) }
        return .init(description: try BertConfiguration(json: json, file: file).description, layouts: [BertTensors.layout])
    }

    static func blueprint(gguf: GGUFFile, file: String) throws(ModelError) -> ArchitectureRegistry.Blueprint {
        .init(description: try BertConfiguration(gguf: gguf, file: file).description, layouts: [BertTensors.ggufLayout])
    }
}
