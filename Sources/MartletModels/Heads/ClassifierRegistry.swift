internal import MartletCompute
package import MartletJSON

/// The heads of sequence classifiers, by `model_type`. To add one is to add a row.
package enum ClassifierRegistry {
    private struct Row: Sendable {
        let modelTypes: [String]
        let head: @Sendable (ConfigurationReader, _ hidden: Int) throws(ModelError) -> ClassifierDescription
    }

    private static let rows: [Row] = [
        Row(modelTypes: ["bert", "gte", "new", "nomic_bert"]) { _, hidden in .pooled(hidden) },
        Row(modelTypes: ["roberta", "xlm-roberta", "camembert", "mpnet", "jina_embeddings_v3"]) { _, hidden in
            .dense(hidden, .tanh)
        },
        Row(modelTypes: ["albert"]) { _, hidden in Albert.classifier(hidden) },
        Row(modelTypes: ["electra"]) { _, hidden in .dense(hidden, .gelu) },
        Row(modelTypes: ["distilbert"]) { _, hidden in
            .init(
                .first,
                [
                    .linear(.init("pre_classifier", outputs: hidden, activation: .relu)),
                    .linear(.init("classifier")),
                ])
        },
        Row(modelTypes: ["modernbert"]) { (reader, hidden) throws(ModelError) in
            try .modernBert(reader, hidden)
        },
        Row(modelTypes: ["eurobert"]) { (reader, hidden) throws(ModelError) in try .euroBert(reader, hidden)
        },
        Row(modelTypes: ["qwen2", "qwen3", "mistral", "gemma3_text"]) { _, _ in
            .init(.last, [.linear(.init("score", hasBias: false))])
        },
    ]

    /// What a transformers configuration says of its head, `…ForSequenceClassification`.
    package static func head(configuration: JSONValue, file: String, hiddenSize: Int) throws(ModelError)
        -> ClassifierDescription
    {
        let type = configuration["model_type"]?.string ?? ""
        guard let row = rows.first(where: { $0.modelTypes.contains(type) }) else {
            let known = rows.flatMap(\.modelTypes).map(\.quotedForMessage).joined(separator: ", ")
            throw ModelError(
                .unsupported,
                "\(file): classifiers of model_type \(type.quotedForMessage) are not supported; \(known) are",
                file: file)
        }
        return try row.head(ConfigurationReader(configuration, file: file, family: type), hiddenSize)
    }
}

extension ClassifierDescription {
    /// BERT's: the pooler, which lies with the encoder, then a matrix.
    fileprivate static func pooled(_ hidden: Int) -> ClassifierDescription {
        let names = ["bert.", "gte.", "new.", "nomic_bert.", ""].map { $0 + "pooler.dense" }
        return .init(
            .first,
            [.linear(.init(names: names, outputs: hidden, activation: .tanh)), .linear(.init("classifier"))])
    }

    /// RoBERTa's: two matrices of its own.
    fileprivate static func dense(_ hidden: Int, _ activation: Activation) -> ClassifierDescription {
        .init(
            .first,
            [
                .linear(.init("classifier.dense", outputs: hidden, activation: activation)),
                .linear(.init("classifier.out_proj")),
            ])
    }

    fileprivate static func modernBert(_ reader: ConfigurationReader, _ hidden: Int) throws(ModelError)
        -> ClassifierDescription
    {
        try reader.require("classifier_pooling", oneOf: "cls", "mean")
        let pooling = try reader.string("classifier_pooling") ?? "cls"
        let dense = Linear(
            "head.dense", outputs: hidden, hasBias: try reader.flag("classifier_bias"),
            activation: try reader.activation("classifier_activation", default: "gelu"))
        let norm = Norm(
            "head.norm", epsilon: try reader.epsilon("norm_eps", default: 1e-5),
            hasBias: try reader.flag("norm_bias"))
        return .init(
            pooling == "mean" ? .mean : .first, [.linear(dense), .norm(norm), .linear(.init("classifier"))])
    }

    fileprivate static func euroBert(_ reader: ConfigurationReader, _ hidden: Int) throws(ModelError)
        -> ClassifierDescription
    {
        try reader.require("classifier_pooling", oneOf: "bos", "mean", "late")
        let pooling: Pooling =
            switch try reader.string("classifier_pooling") {
            case "bos"?: .first
            case "mean"?: .mean
            default: .late
            }
        return .init(
            pooling,
            [.linear(.init("dense", outputs: hidden, activation: .gelu)), .linear(.init("classifier"))])
    }
}
