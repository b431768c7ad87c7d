internal import MartletModels
internal import MartletWeights

extension PipelineDescription {
    /// Reads what a GGUF file says of the texts of a model that scores them.
    init(scoresOf metadata: GGUFMetadata, file: String) throws(MartletError) {
        guard PipelineKeys.isRanked(metadata) else {
            throw .unsupported(
                file,
                "gives vectors: its pooling type is not rank; use Embedder, or rank by similarity",
                remedy: .rankBySimilarity)
        }
        self.init(pooling: [.cls])
        maxTokens = metadata.int(PipelineKeys.maxTokens)
        guard maxTokens ?? 1 >= 1 else {
            throw .malformed(file, "\"\(PipelineKeys.maxTokens)\": expected a whole number from 1 on")
        }
        lowercases = metadata.bool(PipelineKeys.lowercases) ?? false
    }
}
