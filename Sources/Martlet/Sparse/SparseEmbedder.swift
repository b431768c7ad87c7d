internal import MartletModels

/// Turns text into sparse vectors: a weight for each of a few tokens, for search in an inverted index.
///
/// ```swift
/// let embedder = try SparseEmbedder(modelAt: "splade-v3")
/// let query = try await embedder.embed(["how do I cook pasta"], as: .query)[0]
/// for (index, value) in zip(query.indices, query.values) { print(embedder.token(at: index) ?? "", value) }
/// ```
///
/// Reads SPLADE models (plain, or as sentence-transformers' `SparseEncoder` saves them, inference-free query
/// encoders included) and the sparse half of bge-m3. A text's vector has the same bits alone, in any batch
/// and on any number of threads. An embedder is safe to use from many tasks; copies share the model and its
/// threads.
public struct SparseEmbedder: EmbeddingModel {
    /// What the model is and how it runs.
    public let model: ModelInfo
    /// Which model this is and how it computes, with the model's own options.
    public let identity: ModelIdentity
    package let core: SparseModel

    /// Loads a model.
    /// - Parameters:
    ///   - source: A model folder.
    ///   - configuration: Threads, precision and memory; its pooling does not apply.
    /// - Throws: ``MartletError`` if a file is missing, malformed or not supported, if the model makes no
    ///   sparse vectors, or an option does not fit this machine.
    public init(_ source: ModelSource, configuration: ModelConfiguration = .init()) throws(MartletError) {
        try self.init(source, configuration, observer: .none)
    }

    init(_ source: ModelSource, _ configuration: ModelConfiguration, observer: LoadObserver)
        throws(MartletError)
    {
        let core = try SparseModel(source, configuration, observer: observer)
        self.init(core: core, identity: ModelIdentity(core.info, of: source, kind: .sparse))
    }

    /// Loads a model from a folder.
    /// - Throws: ``MartletError`` as ``init(_:configuration:)``.
    public init(modelAt path: String, configuration: ModelConfiguration = .init()) throws(MartletError) {
        try self.init(.path(path), configuration: configuration)
    }

    /// BM25, which needs no model: hashes of words and how often they stand in a text.
    /// - Parameters:
    ///   - bm25: Parameters; the defaults are those of fastembed's `Qdrant/bm25`.
    ///   - threads: Threads, from 1 to 1024; nil: one for each core that the process may use.
    /// - Throws: ``MartletError/Code/invalidOption`` if a parameter is out of its range.
    public init(_ bm25: BM25, threads: Int? = nil) throws(MartletError) {
        let core = try SparseModel(bm25, threads: threads)
        let digest = LazyDigest("bm25:\(core.info.pipeline)")
        let digests = ModelDigests(weights: digest, tokenizer: digest, configuration: digest)
        self.init(core: core, identity: ModelIdentity(core.info, digests: digests, kind: .sparse))
    }

    /// BM42: the words of a text, weighted by the attention that an encoder's last layer pays to them.
    /// - Parameters:
    ///   - bm42: Parameters; the defaults are those of fastembed's `Qdrant/bm42-all-minilm-l6-v2-attentions`.
    ///   - source: An encoder that tells words in pieces, such as all-MiniLM-L6-v2.
    ///   - configuration: Threads, precision and memory.
    /// - Throws: ``MartletError`` if the model cannot be read, or does not fit.
    public init(_ bm42: BM42, of source: ModelSource, configuration: ModelConfiguration = .init())
        throws(MartletError)
    {
        let core = try SparseModel(bm42, source, configuration)
        var digests = ModelDigests(of: source)
        digests = ModelDigests(
            weights: digests.weights, tokenizer: digests.tokenizer,
            configuration: LazyDigest("bm42:\(core.info.pipeline)"))
        self.init(core: core, identity: ModelIdentity(core.info, digests: digests, kind: .sparse))
    }

    init(core: SparseModel, identity: ModelIdentity) {
        self.core = core
        self.identity = identity
        model = core.info
    }

    /// The most tokens of a text, and how many texts fill the threads.
    public var limits: InputLimits { InputLimits(maxTokens: model.maxTokens, preferredTexts: 1024) }

    /// The sparse vectors of texts.
    /// - Parameters:
    ///   - texts: Any number; none gives an empty block.
    ///   - role: Query or document: models may have an encoder, or a prompt, for each. Nil is what the
    ///     model's files call the default.
    ///   - options: The number of dimensions kept, truncation, prompt.
    /// - Returns: One vector a text, in order, and what they took. A text without known words has an empty
    ///   vector.
    /// - Throws: ``MartletError``, with the index of the text at fault; `CancellationError` if the task was
    ///   cancelled before it began.
    public func embed(_ texts: [String], as role: TextRole? = nil, options: EmbedOptions = .init())
        async throws -> SparseEmbeddings
    {
        try await BlockingCalls.shared.run { try embedBlocking(texts, as: role, options: options) }
    }

    /// The sparse vectors of texts, computed on the calling thread and the embedder's own.
    ///
    /// For programs without concurrency. It blocks: do not call it from a task.
    /// - Throws: ``MartletError``, with the index of the text at fault.
    public func embedBlocking(
        _ texts: [String], as role: TextRole? = nil, options: EmbedOptions = .init()
    ) throws(MartletError) -> SparseEmbeddings {
        var found = try core.embed(texts, role: role, options)
        found.identity = identity
        return found
    }

    /// The token that a dimension stands for, as the vocabulary spells it; nil where dimensions are hashes,
    /// or there is no such token.
    public func token(at index: Int) -> String? { core.token(at: index) }

    /// The words that dimensions of a text's vector are hashes of, for ``BM25`` and ``BM42``: stems, in lower
    /// case. Empty for other models, whose dimensions are tokens: see ``token(at:)``.
    /// - Throws: ``MartletError`` if the text is too long and `options.truncation` is
    ///   ``TruncationPolicy/error``.
    public func words(of text: String, as role: TextRole? = nil, options: EmbedOptions = .init())
        throws(MartletError) -> [Int: String]
    {
        try core.words(of: text, role: role, options)
    }
}
