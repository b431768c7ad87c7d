extension ModelIdentity {
    /// The identity of a loaded model with its own options.
    /// - Parameters:
    ///   - info: What is known of it.
    ///   - tokenizer: The model whose tokenizer is used in place of its own; nil: its own.
    init(_ info: ModelInfo, of source: ModelSource, kind: EmbeddingKind, tokenizer: ModelSource? = nil) {
        self.init(info, digests: ModelDigests(of: source, tokenizer: tokenizer), kind: kind)
    }

    init(_ info: ModelInfo, digests: ModelDigests, kind: EmbeddingKind) {
        var space = VectorSpace(model: info.name, digests: digests, kind: kind, dimensions: info.dimensions)
        space.pooling = kind == .dense ? info.pooling.map(\.rawValue) : []
        space.isNormalized = info.normalizes
        space.prompts = info.prompts
        space.task = info.task
        self.init(space: space, computation: Computation(precision: info.precision, device: "cpu"))
    }
}
