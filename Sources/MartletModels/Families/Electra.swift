internal import MartletCompute
internal import MartletJSON

/// ELECTRA's discriminator (Clark et al. 2020): BERT whose tables may be narrower than its layers.
enum Electra {
    static let family = Family(
        modelTypes: ["electra"], fromFolder: blueprint,
        classifier: { _, hidden in .dense(hidden, .gelu) },
        maskedLM: MaskedLMNames(
            dense: "generator_predictions.dense", norm: "generator_predictions.LayerNorm",
            decoder: "generator_lm_head", biases: ["generator_lm_head.bias"]))

    static func blueprint(_ reader: ConfigurationReader) throws(ModelError) -> ArchitectureRegistry.Blueprint
    {
        var description = try BertConfiguration(reader).description
        description.architecture = "electra"
        description.embeddings.size = try reader.size("embedding_size", default: 128)
        var layout = BertTensors.layout
        layout.prefixes = ["", "electra.", "0.auto_model."]
        layout.embeddingProjection = "embeddings_project"
        return .init(description: description, layouts: [layout])
    }
}
