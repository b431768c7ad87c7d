internal import MartletJSON
internal import MartletWeights

/// BERT (Devlin et al. 2018).
enum Bert {
    static func blueprint(_ reader: ConfigurationReader) throws(ModelError) -> ArchitectureRegistry.Blueprint
    {
        if try reader.string("position_embedding_type") == "alibi" { return try JinaBert.blueprint(reader) }
        return .init(description: try BertConfiguration(reader).description, layouts: [BertTensors.layout])
    }

    static func blueprint(gguf: GGUFFile, file: String) throws(ModelError) -> ArchitectureRegistry.Blueprint {
        .init(
            description: try BertConfiguration(gguf: gguf, file: file).description,
            layouts: [BertTensors.ggufLayout])
    }
}
