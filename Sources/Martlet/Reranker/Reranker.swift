internal import MartletModels
internal import MartletTokenizers

/// Scores how well documents answer a query, with a model that reads both together: a cross-encoder.
///
/// ```swift
/// let reranker = try Reranker(modelAt: "ms-marco-MiniLM-L6-v2")
/// for document in try await reranker.rerank(documents, for: "How many people live in Berlin?", topN: 3) {
///     print(document.score, documents[document.index])
/// }
/// ```
///
/// A pair's score has the same bits alone, in any batch, in any order and on any number of threads. A
/// reranker is safe to use from many tasks; copies share the model and its threads.
public struct Reranker: RelevanceModel {
    /// What the model is and how it runs.
    public let model: ModelInfo
    package let classifier: Classifier

    /// Loads a model.
    /// - Parameters:
    ///   - source: Where the model is.
    ///   - configuration: Threads, precision and memory; pooling does not apply.
    /// - Throws: ``MartletError`` if a file is missing, malformed or not supported, the model gives
    ///   embeddings instead of scores, or an option does not fit this machine.
    public init(_ source: ModelSource, configuration: ModelConfiguration = .init()) throws(MartletError) {
        try self.init(source, configuration, observer: .none)
    }

    init(_ source: ModelSource, _ configuration: ModelConfiguration, observer: LoadObserver)
        throws(MartletError)
    {
        classifier = try Classifier(source, configuration, observer: observer)
        model = classifier.info
    }

    /// Loads a model from a folder as sentence-transformers and transformers save it, or from a GGUF file.
    /// - Throws: ``MartletError``, as ``init(_:configuration:)``.
    public init(modelAt path: String, configuration: ModelConfiguration = .init()) throws(MartletError) {
        try self.init(.path(path), configuration: configuration)
    }

    /// The documents in the order in which they answer a query, best first.
    /// - Parameters:
    ///   - documents: Any number; none gives an empty ranking.
    ///   - query: A question or search term.
    ///   - topN: The most documents to return; nil: all. All are scored.
    ///   - options: Activation, truncation, instruction.
    /// - Throws: ``MartletError``, with the index of the document at fault; `CancellationError` if the task
    ///   was cancelled before it began.
    public func rerank(
        _ documents: [String], for query: String, topN: Int? = nil, options: RerankOptions = .init()
    ) async throws -> Ranking {
        Ranking(try await scores(of: documents, for: query, options: options), topN: topN)
    }

    /// A score for each document, in the order of the documents, as the model's files say.
    /// - Throws: As ``scores(of:for:options:)``.
    public func scores(of documents: [String], for query: String) async throws -> [Float] {
        try await scores(of: documents, for: query, options: RerankOptions()).values
    }

    /// A score for each document, in the order of the documents, and what they took.
    /// - Throws: ``MartletError``, with the index of the document at fault; `CancellationError` if the task
    ///   was cancelled before it began.
    public func scores(of documents: [String], for query: String, options: RerankOptions) async throws
        -> Scores
    {
        try await BlockingCalls.shared.run { try scoresBlocking(of: documents, for: query, options: options) }
    }

    /// For each input, the scores of all the model's labels.
    /// - Parameters:
    ///   - inputs: Texts, or pairs of texts, as the model was trained for.
    ///   - options: Activation, truncation, instruction.
    /// - Throws: ``MartletError``, with the index of the input at fault; `CancellationError` if the task was
    ///   cancelled before it began.
    public func predict(_ inputs: [ClassifierInput], options: RerankOptions = .init()) async throws
        -> Predictions
    {
        try await BlockingCalls.shared.run { try predictBlocking(inputs, options: options) }
    }

    /// The documents in the order in which they answer a query, computed on the calling thread and the
    /// reranker's own.
    ///
    /// For programs without concurrency. It blocks: do not call it from a task.
    /// - Throws: ``MartletError``, with the index of the document at fault.
    public func rerankBlocking(
        _ documents: [String], for query: String, topN: Int? = nil, options: RerankOptions = .init()
    ) throws(MartletError) -> Ranking {
        Ranking(try scoresBlocking(of: documents, for: query, options: options), topN: topN)
    }

    /// A score for each document, computed on the calling thread and the reranker's own.
    ///
    /// For programs without concurrency. It blocks: do not call it from a task.
    /// - Throws: ``MartletError``, with the index of the document at fault.
    public func scoresBlocking(
        of documents: [String], for query: String, options: RerankOptions = .init()
    ) throws(MartletError) -> Scores {
        try classifier.scores(query, documents, options)
    }

    /// For each input, the scores of all the model's labels, computed on the calling thread and the
    /// reranker's own.
    ///
    /// For programs without concurrency. It blocks: do not call it from a task.
    /// - Throws: ``MartletError``, with the index of the input at fault.
    public func predictBlocking(_ inputs: [ClassifierInput], options: RerankOptions = .init())
        throws(MartletError) -> Predictions
    {
        try classifier.predict(inputs, options)
    }

    /// The tokens of a text or pair as the model reads it.
    /// - Throws: ``MartletError`` if it is too long and `options.truncation` is ``TruncationPolicy/error``.
    public func tokenize(_ input: ClassifierInput, options: RerankOptions = .init()) throws(MartletError)
        -> Tokens
    {
        let text = try classifier.tokenized(input, options)
        let tokenizer = classifier.engine.tokenizer
        return Tokens(
            ids: text.ids.map(Int.init), tokens: text.ids.map { tokenizer.token(id: Int($0)) ?? "" },
            isTruncated: text.total > text.ids.count, total: text.total)
    }
}
