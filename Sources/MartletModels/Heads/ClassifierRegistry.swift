internal import MartletCompute
package import MartletJSON

/// The heads of sequence classifiers, which each family's file describes.
package enum ClassifierRegistry {
    /// What a transformers configuration says of its head, `…ForSequenceClassification`.
    package static func head(configuration: JSONValue, file: String, hiddenSize: Int) throws(ModelError)
        -> ClassifierDescription
    {
        let type = configuration["model_type"]?.string ?? ""
        guard let head = ArchitectureRegistry.family(type)?.classifier else {
            throw ModelError(
                .unsupported,
                "\(file): classifiers of model_type \(type.quotedForMessage) are not supported; \(ArchitectureRegistry.types(with: \.classifier)) are",
                file: file)
        }
        return try head(ConfigurationReader(configuration, file: file, family: type), hiddenSize)
    }
}

extension ClassifierDescription {
    /// BERT's: the pooler, which is stored with the encoder, then a matrix.
    static func pooled(_ hidden: Int) -> ClassifierDescription {
        let names = ["bert.", "gte.", "new.", "nomic_bert.", ""].map { $0 + "pooler.dense" }
        return .init(
            .first,
            [.linear(.init(names: names, outputs: hidden, activation: .tanh)), .linear(.init("classifier"))])
    }

    /// RoBERTa's: two matrices of its own.
    static func dense(_ hidden: Int, _ activation: Activation) -> ClassifierDescription {
        .init(
            .first,
            [
                .linear(.init("classifier.dense", outputs: hidden, activation: activation)),
                .linear(.init("classifier.out_proj")),
            ])
    }

    /// A decoder's: one matrix over the last token.
    static var score: ClassifierDescription { .init(.last, [.linear(.init("score", hasBias: false))]) }
}
