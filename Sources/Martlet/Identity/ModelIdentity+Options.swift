extension Embedder {
    /// The identity of the vectors that ``embed(_:as:options:)`` makes with these options: the model's,
    /// unless they change the dimensions, the pooling or the normalisation.
    /// - Throws: ``MartletError/Code/invalidOption`` where the model has no such vectors.
    public func identity(of options: EmbedOptions) throws(MartletError) -> ModelIdentity {
        try engine.postProcessing(options).identity(from: identity)
    }
}

extension CorpusEmbedder {
    /// The identity of the vectors that ``embed(_:as:options:)`` makes with these options.
    /// - Throws: ``MartletError/Code/invalidOption`` where the model has no such vectors.
    public func identity(of options: EmbedOptions) throws(MartletError) -> ModelIdentity {
        try core.second.postProcessing(options).identity(from: identity)
    }
}

extension ModelIdentity {
    /// The identity of the vectors of tokens before they are pooled.
    package var ofTokens: ModelIdentity {
        var space = space
        space.kind = .multi
        space.pooling = []
        return with(space: space)
    }
}
