/// Turns text into vectors in the context of one corpus: what ``ContextualEmbedder/model(in:)`` makes.
public struct CorpusEmbedder: EmbeddingModel {
    package let core: ContextualModel
    /// The corpus that texts are from, or are searched in.
    public let context: CorpusContext
    /// Which model this is, with the digest of the context: vectors of different contexts cannot be compared.
    public let identity: ModelIdentity

    /// What the model is and how it runs.
    public var model: ModelInfo { core.info }
    /// The most tokens of a text, and how many texts fill the threads. A text takes as long as several
    /// hundred tokens.
    public var limits: InputLimits { InputLimits(maxTokens: core.info.maxTokens, preferredTexts: 256) }

    /// The vectors of texts.
    /// - Parameters:
    ///   - texts: Any number; none gives an empty block.
    ///   - role: Query or document; nil uses the model's default prompt, usually none.
    ///   - options: Dimensions, normalisation, truncation, prompt.
    /// - Returns: One vector a text, in order, and what they took, the context not counted.
    /// - Throws: ``MartletError``, with the index of the text at fault; `CancellationError` if the task was
    ///   cancelled before it began.
    public func embed(_ texts: [String], as role: TextRole? = nil, options: EmbedOptions = .init())
        async throws -> Embeddings
    {
        try await BlockingCalls.shared.run { try embedBlocking(texts, as: role, options: options) }
    }

    /// The vectors of texts, computed on the calling thread and the embedder's own.
    ///
    /// For programs without concurrency. It blocks: do not call it from a task.
    /// - Throws: ``MartletError``, with the index of the text at fault.
    public func embedBlocking(
        _ texts: [String], as role: TextRole? = nil, options: EmbedOptions = .init()
    ) throws(MartletError) -> Embeddings {
        try core.embed(texts, in: context, role: role, options, identity: identity)
    }
}
