internal import MartletJSON
internal import MartletWeights

/// BERT (Devlin et al. 2018).
enum Bert {
    static let family = Family(
        modelTypes: ["bert"], ggufNames: ["bert"],
        classes: ["JinaBertModel", "JinaBertForMaskedLM", "JinaBertForSequenceClassification"],
        harmless: [
            "pooler_fc_size", "pooler_num_attention_heads", "pooler_num_fc_layers", "pooler_size_per_head",
            "pooler_type", "directionality", "attn_implementation", "model_max_length", "feed_forward_type",
            "gradient_checkpointing", "type_vocab_size_pooler",
        ],
        fromFolder: blueprint(_:), fromGGUF: blueprint(gguf:file:), ggufForm: GGUFForm.bert,
        classifier: { _, hidden in .pooled(hidden) },
        maskedLM: MaskedLMNames(
            dense: "cls.predictions.transform.dense", norm: "cls.predictions.transform.LayerNorm",
            decoder: "cls.predictions.decoder",
            biases: ["cls.predictions.decoder.bias", "cls.predictions.bias"], activation: "hidden_act"))

    static func blueprint(_ reader: ConfigurationReader) throws(ModelError) -> ArchitectureRegistry.Blueprint
    {
        if try reader.string("position_embedding_type") == "alibi" { return try JinaBert.blueprint(reader) }
        return .init(description: try BertConfiguration(reader).description, layouts: [BertTensors.layout])
    }

    static func blueprint(gguf: GGUFFile, file: String) throws(ModelError) -> ArchitectureRegistry.Blueprint {
        var description = try BertConfiguration(gguf: gguf, file: file).description
        if let padding = gguf.metadata.int(BertConfiguration.paddingKey) {
            let row = gguf.metadata.floats(BertConfiguration.paddingRowKey) ?? []
            guard padding >= 0, row.count == description.hiddenSize, row.allSatisfy(\.isFinite) else {
                throw ModelError(
                    .invalidConfiguration,
                    "\(file): \(BertConfiguration.paddingKey) needs \(description.hiddenSize) finite numbers as \(BertConfiguration.paddingRowKey)",
                    file: file)
            }
            description.embeddings.positions?.padding = padding
            description.embeddings.positions?.paddingRow = row
        }
        return .init(description: description, layouts: [BertTensors.ggufLayout])
    }
}
