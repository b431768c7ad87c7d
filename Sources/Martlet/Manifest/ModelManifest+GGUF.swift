internal import MartletModels
package import MartletWeights

extension ModelManifest {
    /// What the metadata of a GGUF file say.
    /// - Parameter file: The file's path, for messages.
    package init(_ gguf: GGUFFile, file: String) throws(MartletError) {
        let metadata = gguf.metadata
        let family = metadata.string("general.architecture") ?? ""
        let labels = metadata.strings("\(family).classifier.output_labels") ?? []
        let isRanked = PipelineKeys.isRanked(metadata)
        // Of two labels "yes" and "no" the score is the difference.
        let hasOneScore = labels.count <= 1 || labels == ["yes", "no"]
        self.init(.gguf, kinds: [isRanked ? hasOneScore ? .reranker : .classifier : .embedder])
        self.family = family
        self.labels = labels
        if !isRanked { pooling = try PipelineDescription.modes(metadata, family, file)?.map(\.pooling) ?? [] }
        poolsPrompt = metadata.bool(PipelineKeys.includePrompt) ?? true
        let prompts = try PipelineDescription.prompts(metadata, file)
        self.prompts = prompts.dictionary
        defaultPromptName = prompts.defaultName
        limits.tokens = metadata.int(PipelineKeys.maxTokens)
        dimensions = metadata.int(PipelineKeys.defaultDimensions)
        similarity = metadata.string(PipelineKeys.similarity).flatMap(SimilarityFunction.init)
    }
}
