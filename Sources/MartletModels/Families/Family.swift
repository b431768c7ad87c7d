internal import MartletWeights

/// What a family of encoders is called in files, how each kind of file is read, and what heads its models have.
package struct Family: Sendable {
    /// `model_type` in config.json
    let modelTypes: [String]
    /// `general.architecture` in GGUF metadata
    var ggufNames: [String] = []
    /// Classes of modelling code that publishers ship with such models, which the family's file implements.
    var classes: [String] = []
    /// Members of config.json that have no effect on this family.
    var harmless: [String] = []
    let fromFolder: @Sendable (ConfigurationReader) throws(ModelError) -> ArchitectureRegistry.Blueprint
    var fromGGUF: (@Sendable (GGUFFile, _ file: String) throws(ModelError) -> ArchitectureRegistry.Blueprint)?
    /// How the family writes a description as GGUF: nil for one that is not its own.
    var ggufForm: (@Sendable (TransformerDescription) -> GGUFForm.Form?)?
    /// The head of a sequence classifier, `…ForSequenceClassification`.
    var classifier:
        (@Sendable (ConfigurationReader, _ hidden: Int) throws(ModelError) -> ClassifierDescription)?
    /// The head of a masked language model, `…ForMaskedLM`.
    var maskedLM: MaskedLMNames?
}
