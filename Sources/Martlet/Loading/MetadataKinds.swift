internal import MartletModels
internal import MartletWeights

/// The keys of GGUF metadata that decide what a vector is, by kind. A key that is there with a value of
/// another kind is an error: to read it as absent would be to guess.
struct MetadataKinds {
    let metadata: GGUFMetadata
    let file: String

    func check(architecture: String) throws(MartletError) {
        typealias Tokens = TokenizerFiles.Keys
        let strings = [
            Tokens.model, Tokens.pre, PipelineKeys.prompts, PipelineKeys.defaultPromptName,
            PipelineKeys.similarity,
            BertConfiguration.activationKey,
        ]
        let ints = [
            PipelineKeys.poolingType(architecture), PipelineKeys.maxTokens, PipelineKeys.defaultDimensions,
            BertConfiguration.paddingKey,
            Tokens.bos, Tokens.eos,
            Tokens.cls, Tokens.sep, Tokens.unknown, Tokens.pad, Tokens.mask,
        ]
        var bools = [
            PipelineKeys.includePrompt, PipelineKeys.lowercases, Tokens.lowercase, Tokens.stripAccents,
            Tokens.chinese, Tokens.cutsStart,
            Tokens.normalizerLowercase, Tokens.normalizerStripAccents, Tokens.addsBOS, Tokens.addsEOS,
            Tokens.addsSpacePrefix,
            Tokens.removesExtraSpaces, architecture + ".attention.causal",
        ]
        bools += metadata.keys.filter { $0.hasPrefix("martlet.stage.") && $0.hasSuffix(".residual") }
        try require(strings, "a string") { metadata.string($0) != nil }
        try require(ints, "a whole number") { metadata.int($0) != nil }
        try require(bools, "true or false") { metadata.bool($0) != nil }
        try require([PipelineKeys.pooling, PipelineKeys.stages, Tokens.tokens], "a list of strings") {
            metadata.stringArray($0) != nil
        }
        try require([Tokens.types], "a list of whole numbers") { metadata.ints($0) != nil }
    }

    private func require(_ keys: [String], _ kind: String, _ fits: (String) -> Bool) throws(MartletError) {
        for key in keys where metadata[key] != nil && !fits(key) {
            throw .malformed(file, "metadata \"\(key)\" is expected to be \(kind), and is of another kind")
        }
    }
}
