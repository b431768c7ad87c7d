internal import MartletTokenizers

/// Scores how well documents answer a query, with a model that reads both together: a cross-encoder.
///
/// ```swift
/// let reranker = try Reranker(modelAt: "ms-marco-MiniLM-L6-v2")
/// for document in try await reranker.rerank("How many people live in Berlin?", documents, topN: 3) {
///     print(document.score, documents[document.index])
/// }
/// ```
///
/// A pair's score has the same bits alone, in any batch, in any order and on any number of threads. A reranker is safe to call from
/// many tasks; calls take turns, and each uses all of its threads.
public final class Reranker: Sendable {
    /// What the model is and how it runs.
    public let model: ModelInfo
    private let actor: ClassifierActor
    package let classifier: Classifier

    /// Loads a model.
    /// - Parameters:
    ///   - source: Where the model is.
    ///   - configuration: Threads, precision and memory; pooling does not apply.
    /// - Throws: ``MartletError`` if a file is missing, malformed or not supported, the model gives embeddings instead of scores, or an
    ///   option does not fit this machine.
    public init(_ source: ModelSource, _ configuration: EmbedderConfiguration = .init()) throws(MartletError) {
        classifier = try Classifier(source, configuration)
        model = classifier.info
        actor = ClassifierActor(classifier)
    }

    /// Loads a model from a folder as sentence-transformers and transformers save it, or from a GGUF file.
    /// - Throws: ``MartletError``, as ``init(_:_:)``.
    public convenience init(modelAt path: String, _ configuration: EmbedderConfiguration = .init()) throws(MartletError) {
        try self.init(.path(path), configuration)
    }

    /// The documents in the order in which they answer a query, best first.
    /// - Parameters:
    ///   - query: A question or search term.
    ///   - documents: Any number; none gives an empty ranking.
    ///   - topN: The most documents to return; nil: all. All are scored.
    ///   - options: Activation, truncation, instruction.
    /// - Throws: ``MartletError``, with the index of the document at fault; `CancellationError` if the task was cancelled before it began.
    public func rerank(_ query: String, _ documents: [String], topN: Int? = nil, _ options: RerankOptions = .init()) async throws
        -> Ranking
    {
        Ranking(try await scores(query, documents, options), topN: topN)
    }

    /// A score for each document, in the order of the documents.
    /// - Throws: ``MartletError``, with the index of the document at fault; `CancellationError` if the task was cancelled before it began.
    public func scores(_ query: String, _ documents: [String], _ options: RerankOptions = .init()) async throws -> Scores {
        try await actor.scores(query, documents, options)
    }

    /// For each input, the scores of all the model's labels.
    /// - Parameter inputs: Texts, or pairs of texts, as the model was trained for.
    /// - Throws: ``MartletError``, with the index of the input at fault; `CancellationError` if the task was cancelled before it began.
    public func predict(_ inputs: [ClassifierInput], _ options: RerankOptions = .init()) async throws -> Predictions {
        try await actor.predict(inputs, options)
    }

    /// The documents in the order in which they answer a query, computed on the calling thread and the reranker's own.
    ///
    /// For programs without concurrency. It blocks: do not call it from a task.
    /// - Throws: ``MartletError``, with the index of the document at fault.
    public func rerankBlocking(_ query: String, _ documents: [String], topN: Int? = nil, _ options: RerankOptions = .init())
        throws(MartletError) -> Ranking
    {
        Ranking(try scoresBlocking(query, documents, options), topN: topN)
    }

    /// A score for each document, computed on the calling thread and the reranker's own.
    ///
    /// For programs without concurrency. It blocks: do not call it from a task.
    /// - Throws: ``MartletError``, with the index of the document at fault.
    public func scoresBlocking(_ query: String, _ documents: [String], _ options: RerankOptions = .init()) throws(MartletError) -> Scores {
        try classifier.scores(query, documents, options)
    }

    /// For each input, the scores of all the model's labels, computed on the calling thread and the reranker's own.
    ///
    /// For programs without concurrency. It blocks: do not call it from a task.
    /// - Throws: ``MartletError``, with the index of the input at fault.
    public func predictBlocking(_ inputs: [ClassifierInput], _ options: RerankOptions = .init()) throws(MartletError) -> Predictions {
        try classifier.predict(inputs, options)
    }

    /// The tokens of a text or pair as the model reads it.
    /// - Throws: ``MartletError`` if it is too long and `options.truncation` is ``TruncationPolicy/error``.
    public func tokenize(_ input: ClassifierInput, _ options: RerankOptions = .init()) throws(MartletError) -> Tokens {
        let text = try classifier.tokenized(input, options)
        let tokenizer = classifier.engine.tokenizer
        return Tokens(
            ids: text.ids.map(Int.init), tokens: text.ids.map { tokenizer.token(id: Int($0)) ?? "" },
            isTruncated: text.total > text.ids.count, total: text.total)
    }
}

/// Runs blocking calls on a thread of their own, one after the other.
private actor ClassifierActor {
    private let classifier: Classifier
    private let thread = ComputeThread()
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(_ classifier: Classifier) { self.classifier = classifier }

    func scores(_ query: String, _ documents: [String], _ options: RerankOptions) throws -> Scores {
        try Task.checkCancellation()
        return try classifier.scores(query, documents, options)
    }

    func predict(_ inputs: [ClassifierInput], _ options: RerankOptions) throws -> Predictions {
        try Task.checkCancellation()
        return try classifier.predict(inputs, options)
    }
}
