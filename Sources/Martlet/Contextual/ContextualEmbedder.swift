internal import MartletModels

/// Turns text into vectors in the context of the corpus that it is from or is searched in (cde-small-v1).
///
/// ```swift
/// let embedder = try ContextualEmbedder(modelAt: "cde-small-v1")
/// let context = try await embedder.corpus(sampleOfDocuments)
/// let model = embedder.model(in: context)
/// let documents = try await model.embed(documents, as: .document)
/// let query = try await model.embed("how do I cook pasta", as: .query)
/// ```
///
/// The first stage of the model embeds a sample of the corpus, once; the second stage reads that sample's
/// vectors before each text. A text's vector has the same bits alone, in any batch and on any number of
/// threads. Vectors of different contexts cannot be compared. An embedder is safe to use from many tasks;
/// copies share the model and its threads.
public struct ContextualEmbedder: Sendable {
    /// What the model is and how it runs.
    public let model: ModelInfo
    /// The model's, without a context: ``model(in:)`` adds that.
    public let identity: ModelIdentity
    package let core: ContextualModel

    /// Documents that a context is made of: what a sample should have.
    public var sampleSize: Int { core.sampleSize }

    /// Loads a model.
    /// - Parameters:
    ///   - source: A model folder.
    ///   - tokenizer: A model whose tokenizer is used where the folder has none, as that of cde-small-v1: it
    ///     is BERT's, uncased, which `.miniLM` of module `MartletMiniLM` has, too.
    ///   - configuration: Threads, precision and memory; its pooling does not apply.
    /// - Throws: ``MartletError`` if a file is missing, malformed or not supported, if the model reads no
    ///   corpus, or an option does not fit.
    public init(
        _ source: ModelSource, tokenizer: ModelSource? = nil, configuration: ModelConfiguration = .init()
    ) throws(MartletError) {
        try self.init(source, tokenizer: tokenizer, configuration, observer: .none)
    }

    init(
        _ source: ModelSource, tokenizer: ModelSource? = nil, _ configuration: ModelConfiguration,
        observer: LoadObserver
    ) throws(MartletError) {
        core = try ContextualModel(source, tokenizer: tokenizer, configuration, observer: observer)
        model = core.info
        identity = ModelIdentity(core.info, of: source, kind: .dense, tokenizer: tokenizer)
    }

    /// Loads a model from a folder.
    /// - Throws: ``MartletError`` as ``init(_:tokenizer:configuration:)``.
    public init(
        modelAt path: String, tokenizer: ModelSource? = nil, configuration: ModelConfiguration = .init()
    ) throws(MartletError) {
        try self.init(.path(path), tokenizer: tokenizer, configuration: configuration)
    }

    /// The context of a corpus.
    /// - Parameters:
    ///   - sample: Documents of the corpus, drawn at random: ``sampleSize`` of them. Of more, so many evenly
    ///     spread ones are used; fewer are repeated in turn.
    ///   - options: Truncation and prompt; without one the model's prompt for documents.
    /// - Throws: ``MartletError``, with the index of the document at fault; `CancellationError` if the task
    ///   was cancelled before it began.
    public func corpus(_ sample: [String], options: EmbedOptions = .init()) async throws -> CorpusContext {
        try await BlockingCalls.shared.run { try corpusBlocking(sample, options: options) }
    }

    /// The context of a corpus, computed on the calling thread and the embedder's own.
    ///
    /// For programs without concurrency. It blocks: do not call it from a task.
    /// - Throws: ``MartletError``, with the index of the document at fault.
    public func corpusBlocking(_ sample: [String], options: EmbedOptions = .init()) throws(MartletError)
        -> CorpusContext
    {
        try core.corpus(sample, options)
    }

    /// The context of the first stage's vectors of a sample, as ``CorpusContext/vectors`` gave them.
    /// - Parameter vectors: From 1 to ``sampleSize`` vectors.
    /// - Throws: ``MartletError/Code/invalidInput`` if they are not those of a context of this model.
    public func context(of vectors: Embeddings) throws(MartletError) -> CorpusContext {
        try core.context(of: vectors)
    }

    /// The model that reads texts in a context: an ``EmbeddingModel`` like any other, whose identity holds
    /// the context.
    /// - Throws: ``MartletError/Code/invalidInput`` if the context is another model's.
    public func model(in context: CorpusContext) throws(MartletError) -> CorpusEmbedder {
        try core.require(context)
        var space = identity.space
        space.context = context.digest
        return CorpusEmbedder(core: core, context: context, identity: identity.with(space: space))
    }
}
