internal import MartletCompute
internal import MartletJSON

/// EuroBERT (Boizard et al. 2025): an encoder of Llama's form, with attention in both directions.
enum EuroBert {
    static let family = Family(
        modelTypes: ["eurobert"], ggufNames: ["eurobert"],
        classes: [
            "EuroBertModel", "EuroBertForMaskedLM", "EuroBertForSequenceClassification",
            "EuroBertForTokenClassification",
        ],
        harmless: Decoder.harmless, fromFolder: Decoder.blueprint(_:), fromGGUF: Decoder.blueprint(_:file:),
        ggufForm: GGUFForm.decoder,
        classifier: { (reader, hidden) throws(ModelError) in try classifier(reader, hidden) })

    private static func classifier(_ reader: ConfigurationReader, _ hidden: Int) throws(ModelError)
        -> ClassifierDescription
    {
        try reader.require("classifier_pooling", oneOf: "bos", "mean", "late")
        let pooling: ClassifierDescription.Pooling =
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
