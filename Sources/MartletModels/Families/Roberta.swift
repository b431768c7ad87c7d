internal import MartletCompute
internal import MartletJSON

/// RoBERTa (Liu et al. 2019), and XLM-RoBERTa and CamemBERT, which differ in their vocabularies: BERT with
/// positions counted from the padding id.
enum Roberta {
    static let family = Family(
        modelTypes: ["roberta", "xlm-roberta", "camembert"],
        classes: [
            "XLMRobertaLoRA", "XLMRobertaModel", "XLMRobertaForMaskedLM",
            "XLMRobertaForSequenceClassification",
        ],
        harmless: ["rotary_emb_base", "adapters"], fromFolder: blueprint,
        classifier: { _, hidden in .dense(hidden, .tanh) }, maskedLM: .roberta)

    static func blueprint(_ reader: ConfigurationReader) throws(ModelError) -> ArchitectureRegistry.Blueprint
    {
        if try reader.string("position_embedding_type") == "rotary" {
            return try JinaEmbeddingsV3.blueprint(reader)
        }
        var description = try BertConfiguration(reader).description
        description.architecture = try reader.string("model_type") ?? "roberta"
        try description.countPositions(fromPadding: reader.padding(default: 1), reader.file)
        var layout = BertTensors.layout
        layout.prefixes = ["", "roberta.", "0.auto_model."]
        // jina-reranker-v2 comes under the names of an implementation of its own.
        var flash = JinaEmbeddingsV3.layout
        flash.prefixes = layout.prefixes
        flash.positions = layout.positions
        return .init(description: description, layouts: [layout, flash])
    }
}

extension ConfigurationReader {
    /// The id of the padding token, which positions are counted from.
    func padding(default standard: Int) throws(ModelError) -> Int {
        let id = try value("pad_token_id", "a whole number", \.int) ?? standard
        guard id >= 0, id <= 1 << 28 else {
            throw invalid("\"pad_token_id\" is \(id); positions are counted from it")
        }
        return id
    }
}

extension TransformerDescription {
    /// The table's rows up to that of the padding id are not for texts.
    mutating func countPositions(fromPadding padding: Int, _ file: String) throws(ModelError) {
        guard let table = embeddings.positions, padding + 1 < table.rows else {
            throw ModelError(
                .invalidConfiguration,
                "\(file): \"max_position_embeddings\" is \(embeddings.positions?.rows ?? 0), but positions start at \(padding + 1), "
                    + "after \"pad_token_id\"",
                file: file)
        }
        embeddings.positions?.padding = padding
        maxPositions = table.rows - padding - 1
    }
}
