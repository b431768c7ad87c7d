/// Turns text into sparse vectors: a weight for each of a few tokens, for search in an inverted index.
///
/// ```swift
/// let embedder = try SparseEmbedder(modelAt: "splade-v3")
/// let query = try await embedder.embed(["how do I cook pasta"], as: .query)[0]
/// for (index, value) in zip(query.indices, query.values) { print(embedder.token(at: index) ?? "", value) }
/// ```
///
/// Reads SPLADE models (plain, or as sentence-transformers' `SparseEncoder` saves them, inference-free query encoders included) and
/// the sparse half of bge-m3. A text's vector has the same bits alone, in any batch and on any number of threads. An embedder
/// is safe to call from many tasks; calls take turns, and each uses all of the embedder's threads.
public final class SparseEmbedder: Sendable {
    /// What the model is and how it runs.
    public let model: ModelInfo
    package let core: SparseModel
    private let actor: SparseActor

    /// Loads a model.
    /// - Parameters:
    ///   - source: A model folder.
    ///   - configuration: Threads, precision and memory; its pooling does not apply.
    /// - Throws: ``MartletError`` if a file is missing, malformed or not supported, if the model makes no sparse vectors, or an option does
    ///   not fit this machine.
    public convenience init(_ source: ModelSource, _ configuration: EmbedderConfiguration = .init()) throws(MartletError) {
        self.init(core: try SparseModel(source, configuration))
    }

    /// Loads a model from a folder.
    /// - Throws: ``MartletError`` as ``init(_:_:)``.
    public convenience init(modelAt path: String, _ configuration: EmbedderConfiguration = .init()) throws(MartletError) {
        try self.init(.path(path), configuration)
    }

    /// BM25, which needs no model: hashes of words and how often they stand in a text.
    /// - Parameters:
    ///   - bm25: Parameters; the defaults are those of fastembed's `Qdrant/bm25`.
    ///   - threads: Threads, from 1 to 1024; nil: one for each core that the process may use.
    /// - Throws: ``MartletError/Code/invalidOption`` if a parameter is out of its range.
    public convenience init(_ bm25: BM25, threads: Int? = nil) throws(MartletError) {
        self.init(core: try SparseModel(bm25, threads: threads))
    }

    /// BM42: the words of a text, weighted by the attention that an encoder's last layer pays to them.
    /// - Parameters:
    ///   - bm42: Parameters; the defaults are those of fastembed's `Qdrant/bm42-all-minilm-l6-v2-attentions`.
    ///   - source: An encoder that tells words in pieces, such as all-MiniLM-L6-v2.
    ///   - configuration: Threads, precision and memory.
    /// - Throws: ``MartletError`` if the model cannot be read, or does not fit.
    public convenience init(_ bm42: BM42, _ source: ModelSource, _ configuration: EmbedderConfiguration = .init()) throws(MartletError) {
        self.init(core: try SparseModel(bm42, source, configuration))
    }

    init(core: SparseModel) {
        self.core = core
        model = core.info
        actor = SparseActor(core)
    }

    /// The sparse vectors of texts.
    /// - Parameters:
    ///   - texts: Any number; none gives an empty block.
    ///   - role: Query or document: models may have an encoder, or a prompt, for each. Nil is what the model's files call the default.
    ///   - options: The number of dimensions kept, truncation, prompt.
    /// - Returns: One vector a text, in order, and what they took. A text without known words has an empty vector.
    /// - Throws: ``MartletError``, with the index of the text at fault; `CancellationError` if the task was cancelled before it began.
    public func embed(_ texts: [String], as role: TextRole? = nil, _ options: SparseOptions = .init()) async throws -> SparseEmbeddings {
        try await actor.embed(texts, role, options)
    }

    /// The sparse vector of one text.
    /// - Throws: ``MartletError``; `CancellationError` if the task was cancelled before it began.
    public func embed(_ text: String, as role: TextRole? = nil, _ options: SparseOptions = .init()) async throws -> SparseEmbedding {
        try await actor.embed([text], role, options)[0]
    }

    /// The sparse vectors of texts, computed on the calling thread and the embedder's own.
    ///
    /// For programs without concurrency. It blocks: do not call it from a task.
    /// - Throws: ``MartletError``, with the index of the text at fault.
    public func embedBlocking(_ texts: [String], as role: TextRole? = nil, _ options: SparseOptions = .init()) throws(MartletError)
        -> SparseEmbeddings
    {
        try core.embed(texts, role: role, options)
    }

    /// The token that a dimension stands for, as the vocabulary spells it; nil where dimensions are hashes, or there is no such token.
    public func token(at index: Int) -> String? { core.token(at: index) }

    /// The words that dimensions of a text's vector are hashes of, for ``BM25`` and ``BM42``: stems, in lower case. Empty for other models,
    /// whose dimensions are tokens: see ``token(at:)``.
    /// - Throws: ``MartletError`` if the text is too long and `options.truncation` is ``TruncationPolicy/error``.
    public func words(of text: String, as role: TextRole? = nil, _ options: SparseOptions = .init()) throws(MartletError) -> [Int: String] {
        try core.words(of: text, role: role, options)
    }
}

/// Runs the model's blocking calls on a thread of their own, one after the other.
private actor SparseActor {
    private let core: SparseModel
    private let thread = ComputeThread()
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(_ core: SparseModel) { self.core = core }

    func embed(_ texts: [String], _ role: TextRole?, _ options: SparseOptions) throws -> SparseEmbeddings {
        try Task.checkCancellation()
        return try core.embed(texts, role: role, options)
    }
}
