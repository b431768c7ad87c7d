internal import MartletTokenizers

/// Turns text into one vector for each token, for late interaction: a query is compared with a document token by token.
///
/// ```swift
/// let embedder = try LateInteractionEmbedder(modelAt: "answerai-colbert-small-v1")
/// let best = try await embedder.rank("how do I cook pasta", documents).first
/// ```
///
/// Reads folders of ColBERT, of PyLate, of sentence-transformers' `MultiVectorEncoder` and of bge-m3. A text's vectors have the same bits
/// alone, in any batch and on any number of threads. An embedder is safe to call from many tasks; calls take turns, and each uses all of
/// the embedder's threads.
public final class LateInteractionEmbedder: Sendable {
    /// What the model is and how it runs.
    public let model: ModelInfo
    package let core: LateInteractionModel
    private let actor: LateInteractionActor

    /// Loads a model.
    /// - Parameters:
    ///   - source: A model folder.
    ///   - configuration: Threads, precision and memory; its pooling does not apply.
    /// - Throws: ``MartletError`` if a file is missing, malformed or not supported, if the model makes other vectors, or an option does not
    ///   fit this machine.
    public init(_ source: ModelSource, _ configuration: EmbedderConfiguration = .init()) throws(MartletError) {
        core = try LateInteractionModel(source, configuration)
        model = core.info
        actor = LateInteractionActor(core)
    }

    /// Loads a model from a folder.
    /// - Throws: ``MartletError`` as ``init(_:_:)``.
    public convenience init(modelAt path: String, _ configuration: EmbedderConfiguration = .init()) throws(MartletError) {
        try self.init(.path(path), configuration)
    }

    /// The vectors of texts' tokens.
    /// - Parameters:
    ///   - texts: Any number; none gives an empty block.
    ///   - role: Query or document, which these models treat differently; a text without a role is a document.
    ///   - options: Truncation and prompt.
    /// - Returns: The vectors of one text after the other, in order, and what they took.
    /// - Throws: ``MartletError``, with the index of the text at fault; `CancellationError` if the task was cancelled before it began.
    public func embed(_ texts: [String], as role: TextRole? = nil, _ options: LateInteractionOptions = .init()) async throws -> MultiVectors
    {
        try await actor.embed(texts, role, options)
    }

    /// The vectors of one text's tokens.
    /// - Throws: ``MartletError``; `CancellationError` if the task was cancelled before it began.
    public func embed(_ text: String, as role: TextRole? = nil, _ options: LateInteractionOptions = .init()) async throws -> MultiVector {
        try await actor.embed([text], role, options)[0]
    }

    /// The vectors of texts' tokens, computed on the calling thread and the embedder's own.
    ///
    /// For programs without concurrency. It blocks: do not call it from a task.
    /// - Throws: ``MartletError``, with the index of the text at fault.
    public func embedBlocking(_ texts: [String], as role: TextRole? = nil, _ options: LateInteractionOptions = .init())
        throws(MartletError) -> MultiVectors
    {
        try core.embed(texts, role: role, options)
    }

    /// Documents by how well they answer a query.
    /// - Parameters:
    ///   - query: A text.
    ///   - documents: Texts to be ranked.
    ///   - limit: The most results to return; nil: all.
    /// - Returns: Places in `documents` with their scores, see ``MultiVector/maxSim(_:)``, best first.
    /// - Throws: ``MartletError``; its `inputIndex` is that of a document, or nil for the query.
    public func rank(_ query: String, _ documents: [String], limit: Int? = nil) async throws -> [Match] {
        let vectors = try await embed([query], as: .query)
        return rank(vectors[0], Array(try await embed(documents, as: .document)), limit: limit)
    }

    /// Documents' vectors by how well they answer a query.
    public func rank(_ query: MultiVector, _ documents: [MultiVector], limit: Int? = nil) -> [Match] {
        let scorer = MaxSim(query)
        let matches = documents.enumerated().map { Match(index: $0, score: scorer.score($1)) }.sorted { $0.precedes($1) }
        return Array(matches.prefix(max(0, limit ?? matches.count)))
    }

    /// The token of an id, as the vocabulary spells it.
    public func token(_ id: Int) -> String? { core.engine.tokenizer.token(id: id) }
}

/// Runs the model's blocking calls on a thread of their own, one after the other.
private actor LateInteractionActor {
    private let core: LateInteractionModel
    private let thread = ComputeThread()
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(_ core: LateInteractionModel) { self.core = core }

    func embed(_ texts: [String], _ role: TextRole?, _ options: LateInteractionOptions) throws -> MultiVectors {
        try Task.checkCancellation()
        return try core.embed(texts, role: role, options)
    }
}
