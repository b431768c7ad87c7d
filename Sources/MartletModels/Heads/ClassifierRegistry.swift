internal import MartletCompute
package import MartletJSON

/// The heads of sequence classifiers, by `model_type`. To add one is to add a row.
package enum ClassifierRegistry {
    private struct Row: Sendable {
        let modelTypes: [String]
        let head: @Sendable (ConfigurationReader, _ hiddenSize: Int) throws(ModelError) -> ClassifierDescription
    }

    private static let rows: [Row] = [
        Row(modelTypes: ["bert"]) { _, hidden in .pooled("bert.", hidden) }
    ]

    /// What a transformers configuration says of its head, `…ForSequenceClassification`.
    package static func head(configuration: JSONValue, file: String, hiddenSize: Int) throws(ModelError) -> ClassifierDescription {
        let type = configuration["model_type"]?.string ?? ""
        guard let row = rows.first(where: { $0.modelTypes.contains(type) }) else {
            let known = rows.flatMap(\.modelTypes).map(\.quotedForMessage).joined(separator: ", ")
            throw ModelError(
                .unsupported, "\(file): classifiers of model_type \(type.quotedForMessage) are not supported; \(known) are", file: file)
        }
        return try row.head(ConfigurationReader(configuration, file: file, family: type), hiddenSize)
    }
}

extension ClassifierDescription {
    /// BERT's: its pooler, then a matrix.
    fileprivate static func pooled(_ prefix: String, _ hidden: Int) -> ClassifierDescription {
        .init(
            .first,
            [
                .linear(.init(prefix + "pooler.dense", "pooler.dense", outputs: hidden, activation: .tanh)),
                .linear(.init("classifier")),
            ])
    }
}
