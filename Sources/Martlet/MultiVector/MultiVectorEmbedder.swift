internal import MartletModels
internal import MartletTokenizers

/// Turns text into one vector for each token, for late interaction: a query is compared with a document token
/// by token.
///
/// ```swift
/// let embedder = try MultiVectorEmbedder(modelAt: "answerai-colbert-small-v1")
/// let best = try await embedder.rank("how do I cook pasta", documents).first
/// ```
///
/// Reads folders of ColBERT, of PyLate, of sentence-transformers' `MultiVectorEncoder` and of bge-m3. A
/// text's vectors have the same bits alone, in any batch and on any number of threads. An embedder is safe to
/// use from many tasks; copies share the model and its threads.
public struct MultiVectorEmbedder: EmbeddingModel {
    /// What the model is and how it runs.
    public let model: ModelInfo
    /// Which model this is and how it computes.
    public let identity: ModelIdentity
    package let core: LateInteractionModel

    /// Loads a model.
    /// - Parameters:
    ///   - source: A model folder.
    ///   - configuration: Threads, precision and memory; its pooling does not apply.
    /// - Throws: ``MartletError`` if a file is missing, malformed or not supported, if the model makes other
    ///   vectors, or an option does not fit this machine.
    public init(_ source: ModelSource, configuration: ModelConfiguration = .init()) throws(MartletError) {
        try self.init(source, configuration, observer: .none)
    }

    init(_ source: ModelSource, _ configuration: ModelConfiguration, observer: LoadObserver)
        throws(MartletError)
    {
        core = try LateInteractionModel(source, configuration, observer: observer)
        model = core.info
        identity = ModelIdentity(core.info, of: source, kind: .multi)
    }

    /// Loads a model from a folder.
    /// - Throws: ``MartletError`` as ``init(_:configuration:)``.
    public init(modelAt path: String, configuration: ModelConfiguration = .init()) throws(MartletError) {
        try self.init(.path(path), configuration: configuration)
    }

    /// The most tokens of a text, and how many texts fill the threads.
    public var limits: InputLimits { InputLimits(maxTokens: model.maxTokens, preferredTexts: 256) }

    /// The vectors of texts' tokens.
    /// - Parameters:
    ///   - texts: Any number; none gives an empty block.
    ///   - role: Query or document, which these models treat differently; a text without a role is a
    ///     document.
    ///   - options: Truncation and prompt.
    /// - Returns: The vectors of one text after the other, in order, and what they took.
    /// - Throws: ``MartletError``, with the index of the text at fault; `CancellationError` if the task was
    ///   cancelled before it began.
    public func embed(
        _ texts: [String], as role: TextRole? = nil, options: EmbedOptions = .init()
    ) async throws -> MultiVectorEmbeddings {
        try await BlockingCalls.shared.run { try embedBlocking(texts, as: role, options: options) }
    }

    /// The vectors of texts' tokens, computed on the calling thread and the embedder's own.
    ///
    /// For programs without concurrency. It blocks: do not call it from a task.
    /// - Throws: ``MartletError``, with the index of the text at fault.
    public func embedBlocking(
        _ texts: [String], as role: TextRole? = nil, options: EmbedOptions = .init()
    ) throws(MartletError) -> MultiVectorEmbeddings {
        var found = try core.embed(texts, role: role, options)
        found.identity = identity
        return found
    }

    /// Documents by how well they answer a query.
    /// - Parameters:
    ///   - documents: Texts to be ranked.
    ///   - query: A text.
    ///   - limit: The most results to return; nil: all.
    /// - Returns: Places in `documents` with their scores, see ``MultiVectorEmbedding/maxSim(_:)``, best
    ///   first.
    /// - Throws: ``MartletError``; its `inputIndex` is that of a document, or nil for the query.
    public func rank(_ documents: [String], for query: String, limit: Int? = nil) async throws -> [Match] {
        let vectors = try await embed([query], as: .query)
        return try rank(try await embed(documents, as: .document), for: vectors[0], limit: limit)
    }

    /// Documents' vectors by how well they answer a query.
    /// - Throws: ``MartletError`` if the vectors are of different spaces or widths.
    public func rank(
        _ documents: MultiVectorEmbeddings, for query: MultiVectorEmbedding, limit: Int? = nil
    ) throws(MartletError) -> [Match] {
        try ModelIdentity.requireSameSpace(query.vectors.identity, documents.identity)
        let scorer = MaxSim(query)
        var matches: [Match] = []
        for (index, document) in documents.enumerated() {
            matches.append(Match(index: index, score: try scorer.score(document)))
        }
        return Array(matches.sorted { $0.precedes($1) }.prefix(max(0, limit ?? matches.count)))
    }

    /// The token of an id, as the vocabulary spells it.
    public func token(_ id: Int) -> String? { core.engine.tokenizer.token(id: id) }
}
