/// Turns text into vectors in the context of the corpus that it is from or is searched in (cde-small-v1).
///
/// ```swift
/// let embedder = try ContextualEmbedder(modelAt: "cde-small-v1")
/// let context = try await embedder.corpus(sampleOfDocuments)
/// let documents = try await embedder.embed(documents, in: context, as: .document)
/// let query = try await embedder.embed(["how do I cook pasta"], in: context, as: .query)
/// ```
///
/// The first stage of the model embeds a sample of the corpus, once; the second stage reads that sample's vectors before each text. A text's
/// vector has the same bits alone, in any batch and on any number of threads. Vectors of different contexts cannot be compared. An embedder
/// is safe to call from many tasks; calls take turns, and each uses all of the embedder's threads.
public final class ContextualEmbedder: Sendable {
    /// What the model is and how it runs.
    public let model: ModelInfo
    package let core: ContextualModel
    private let actor: ContextualActor

    /// Documents that a context is made of: what a sample should have.
    public var sampleSize: Int { core.sampleSize }

    /// Loads a model.
    /// - Parameters:
    ///   - source: A model folder.
    ///   - tokenizer: A model whose tokenizer is used where the folder has none, as that of cde-small-v1: it is BERT's, uncased, which
    ///     `.miniLM` of module `MartletMiniLM` has, too.
    ///   - configuration: Threads, precision and memory; its pooling does not apply.
    /// - Throws: ``MartletError`` if a file is missing, malformed or not supported, if the model reads no corpus, or an option does not fit.
    public init(
        _ source: ModelSource, tokenizer: ModelSource? = nil, _ configuration: EmbedderConfiguration = .init()
    ) throws(MartletError) {
        core = try ContextualModel(source, tokenizer: tokenizer, configuration)
        model = core.info
        actor = ContextualActor(core)
    }

    /// Loads a model from a folder.
    /// - Throws: ``MartletError`` as ``init(_:tokenizer:_:)``.
    public convenience init(
        modelAt path: String, tokenizer: ModelSource? = nil, _ configuration: EmbedderConfiguration = .init()
    ) throws(MartletError) {
        try self.init(.path(path), tokenizer: tokenizer, configuration)
    }

    /// The context of a corpus.
    /// - Parameters:
    ///   - sample: Documents of the corpus, drawn at random: ``sampleSize`` of them. Of more, so many evenly spread ones are used; fewer
    ///     are repeated in turn.
    ///   - options: Truncation and prompt; without one the model's prompt for documents.
    /// - Throws: ``MartletError``, with the index of the document at fault; `CancellationError` if the task was cancelled before it began.
    public func corpus(_ sample: [String], _ options: EmbedOptions = .init()) async throws -> CorpusContext {
        try await actor.corpus(sample, options)
    }

    /// The context of the first stage's vectors of a sample, as ``CorpusContext/vectors`` gave them.
    /// - Parameter vectors: From 1 to ``sampleSize`` vectors.
    /// - Throws: ``MartletError/Code/invalidInput`` if they are not those of a context of this model.
    public func context(of vectors: Embeddings) throws(MartletError) -> CorpusContext { try core.context(of: vectors) }

    /// The vectors of texts in a context.
    /// - Parameters:
    ///   - texts: Any number; none gives an empty block.
    ///   - context: Of the corpus that the texts are from or are searched in.
    ///   - role: Query or document; nil uses the model's default prompt, usually none.
    ///   - options: Dimensions, normalisation, truncation, prompt.
    /// - Returns: One vector a text, in order, and what they took, the context not counted.
    /// - Throws: ``MartletError``, with the index of the text at fault; `CancellationError` if the task was cancelled before it began.
    public func embed(
        _ texts: [String], in context: CorpusContext, as role: TextRole? = nil, _ options: EmbedOptions = .init()
    ) async throws -> Embeddings {
        try await actor.embed(texts, context, role, options)
    }

    /// The context of a corpus, computed on the calling thread and the embedder's own.
    ///
    /// For programs without concurrency. It blocks: do not call it from a task.
    /// - Throws: ``MartletError``, with the index of the document at fault.
    public func corpusBlocking(_ sample: [String], _ options: EmbedOptions = .init()) throws(MartletError) -> CorpusContext {
        try core.corpus(sample, options)
    }

    /// The vectors of texts in a context, computed on the calling thread and the embedder's own.
    ///
    /// For programs without concurrency. It blocks: do not call it from a task.
    /// - Throws: ``MartletError``, with the index of the text at fault.
    public func embedBlocking(
        _ texts: [String], in context: CorpusContext, as role: TextRole? = nil, _ options: EmbedOptions = .init()
    ) throws(MartletError) -> Embeddings {
        try core.embed(texts, in: context, role: role, options)
    }
}

/// Runs the model's blocking calls on a thread of their own, one after the other.
private actor ContextualActor {
    private let core: ContextualModel
    private let thread = ComputeThread()
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(_ core: ContextualModel) { self.core = core }

    func corpus(_ sample: [String], _ options: EmbedOptions) throws -> CorpusContext {
        try Task.checkCancellation()
        return try core.corpus(sample, options)
    }

    func embed(_ texts: [String], _ context: CorpusContext, _ role: TextRole?, _ options: EmbedOptions) throws -> Embeddings {
        try Task.checkCancellation()
        return try core.embed(texts, in: context, role: role, options)
    }
}
