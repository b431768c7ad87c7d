/// Turns text into vectors with one model.
///
/// ```swift
/// import Martlet
/// import MartletMiniLM
///
/// let embedder = try Embedder(.miniLM)
/// let vectors = try await embedder.embed(["How do I cook pasta?", "a spaghetti recipe"])
/// print(vectors[0].cosineSimilarity(to: vectors[1]))
/// ```
///
/// A text's vector has the same bits alone, in any batch, in any order and on any number of threads. An embedder is safe to
/// call from many tasks; calls take turns, and each uses all of the embedder's threads.
public final class Embedder: Sendable {
    /// What the model is and how it runs.
    public let model: ModelInfo
    private let actor: EngineActor
    package let engine: Engine

    /// Loads a model.
    /// - Parameters:
    ///   - source: Where the model is; `.miniLM` of module `MartletMiniLM` needs no file.
    ///   - configuration: Threads, precision and memory.
    /// - Throws: ``MartletError`` if a file is missing, malformed or not supported, or an option does not fit this machine.
    public init(_ source: ModelSource, _ configuration: EmbedderConfiguration = .init()) throws(MartletError) {
        engine = try ModelLoader(configuration).load(source)
        model = engine.info
        actor = EngineActor(engine)
    }

    /// Loads a model from a folder as sentence-transformers saves it, or from a GGUF file.
    /// - Throws: ``MartletError`` if a file is missing, malformed or not supported, or an option does not fit this machine.
    public convenience init(modelAt path: String, _ configuration: EmbedderConfiguration = .init()) throws(MartletError) {
        try self.init(.path(path), configuration)
    }

    /// The vectors of texts.
    /// - Parameters:
    ///   - texts: Any number; none gives an empty block.
    ///   - role: Query or document, for models with a prompt for each; nil uses the model's default prompt, usually none.
    ///   - options: Pooling, dimensions, normalisation, truncation.
    /// - Returns: One vector a text, in order, and what they took.
    /// - Throws: ``MartletError``, with the index of the text at fault; `CancellationError` if the task was cancelled before it began.
    public func embed(_ texts: [String], as role: TextRole? = nil, _ options: EmbedOptions = .init()) async throws -> Embeddings {
        try await actor.embed(texts, role, options)
    }

    /// Vectors of the next texts of a sequence, of which `before` came earlier: errors count from its first.
    func embed(_ texts: [String], as role: TextRole?, _ options: EmbedOptions, before: Int) async throws -> Embeddings {
        try await actor.embed(texts, role, options, before: before)
    }

    /// The vector of one text.
    /// - Throws: ``MartletError``; `CancellationError` if the task was cancelled before it began.
    public func embed(_ text: String, as role: TextRole? = nil, _ options: EmbedOptions = .init()) async throws -> Embedding {
        try await actor.embed([text], role, options)[0]
    }

    /// The vectors of one text's tokens, special tokens included: pooling "none".
    ///
    /// `options` give the prompt and the truncation; pooling, dimensions and normalisation do not apply.
    /// - Throws: ``MartletError``; `CancellationError` if the task was cancelled before it began.
    public func tokenVectors(of text: String, as role: TextRole? = nil, _ options: EmbedOptions = .init()) async throws -> TokenVectors {
        try await actor.tokenVectors(text, role, options)
    }

    /// The vectors of texts, computed on the calling thread and the embedder's own.
    ///
    /// For programs without concurrency. It blocks: do not call it from a task.
    /// - Throws: ``MartletError``, with the index of the text at fault.
    public func embedBlocking(_ texts: [String], as role: TextRole? = nil, _ options: EmbedOptions = .init()) throws(MartletError)
        -> Embeddings
    {
        try engine.embed(texts, role: role, options)
    }

    /// The vectors of one text's tokens, computed on the calling thread and the embedder's own.
    ///
    /// For programs without concurrency; otherwise as ``tokenVectors(of:as:_:)``. It blocks: do not call it from a task.
    /// - Throws: ``MartletError``.
    public func tokenVectorsBlocking(of text: String, as role: TextRole? = nil, _ options: EmbedOptions = .init()) throws(MartletError)
        -> TokenVectors
    {
        try engine.tokenVectors(text, role: role, options)
    }

    /// The tokens of a text as the model reads it, prompt and special tokens included.
    /// - Throws: ``MartletError`` if the text is too long and `options.truncation` is ``TruncationPolicy/error``, or the role is unknown.
    public func tokenize(_ text: String, as role: TextRole? = nil, _ options: EmbedOptions = .init()) throws(MartletError) -> Tokens {
        try engine.tokens(of: text, role: role, options, limit: model.maxTokens)
    }

    /// The tokens of a text however long it is.
    /// - Throws: ``MartletError`` if the role is unknown.
    public func tokenizeWhole(_ text: String, as role: TextRole? = nil, _ options: EmbedOptions = .init()) throws(MartletError) -> Tokens {
        try engine.tokens(of: text, role: role, options, limit: nil)
    }
}

/// Runs the engine's blocking calls on a thread of their own, one after the other.
private actor EngineActor {
    private let engine: Engine
    private let thread = ComputeThread()
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(_ engine: Engine) { self.engine = engine }

    func embed(_ texts: [String], _ role: TextRole?, _ options: EmbedOptions, before: Int = 0) throws -> Embeddings {
        try Task.checkCancellation()
        return try engine.embed(texts, role: role, options, before: before)
    }

    func tokenVectors(_ text: String, _ role: TextRole?, _ options: EmbedOptions) throws -> TokenVectors {
        try Task.checkCancellation()
        return try engine.tokenVectors(text, role: role, options)
    }
}
