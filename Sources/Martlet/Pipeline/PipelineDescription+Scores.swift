internal import MartletWeights

extension PipelineDescription {
    /// Reads what a GGUF file says of the texts of a model that scores them.
    init(scoresOf metadata: GGUFMetadata, file: String) throws(MartletError) {
        throw .unsupported(file, "rerankers in GGUF files are not supported")
    }
}
