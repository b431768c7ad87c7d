internal import MartletModels

/// Turns text into vectors with one model.
///
/// ```swift
/// import Martlet
/// import MartletMiniLM
///
/// let embedder = try Embedder(.miniLM)
/// let vectors = try await embedder.embed(["How do I cook pasta?", "a spaghetti recipe"])
/// print(try vectors[0].cosineSimilarity(to: vectors[1]))
/// ```
///
/// A text's vector has the same bits alone, in any batch, in any order and on any number of threads. An
/// embedder is safe to use from many tasks; copies share the model and its threads.
public struct Embedder: EmbeddingModel {
    /// What the model is and how it runs.
    public let model: ModelInfo
    /// Which model this is and how it computes, with the model's own options.
    public let identity: ModelIdentity
    /// Of texts without a role.
    package let engine: Engine
    private let routes: EngineRoutes?

    /// Loads a model. It blocks until the model is loaded; ``LoadedModel/load(_:configuration:progress:)``
    /// does not.
    /// - Parameters:
    ///   - source: Where the model is; `.miniLM` of module `MartletMiniLM` needs no file.
    ///   - configuration: Threads, precision and memory.
    /// - Throws: ``MartletError`` if a file is missing, malformed or not supported, or an option does not fit
    ///   this machine.
    public init(_ source: ModelSource, configuration: ModelConfiguration = .init()) throws(MartletError) {
        try self.init(source, configuration, observer: .none)
    }

    init(_ source: ModelSource, _ configuration: ModelConfiguration, observer: LoadObserver)
        throws(MartletError)
    {
        let loader = ModelLoader(configuration, observer: observer)
        if let routes = try loader.routes(source) {
            let identity = ModelIdentity(routes.info, of: source, kind: .dense)
            self.init(routes.main, routes, routes.info, identity)
        } else {
            let engine = try loader.load(source)
            self.init(engine: engine, identity: ModelIdentity(engine.info, of: source, kind: .dense))
        }
    }

    /// Loads a model from a folder as sentence-transformers saves it, or from a GGUF file.
    /// - Throws: ``MartletError`` if a file is missing, malformed or not supported, or an option does not fit
    ///   this machine.
    public init(modelAt path: String, configuration: ModelConfiguration = .init()) throws(MartletError) {
        try self.init(.path(path), configuration: configuration)
    }

    init(engine: Engine, identity: ModelIdentity) {
        self.init(engine, nil, engine.info, identity)
    }

    private init(
        _ engine: Engine, _ routes: EngineRoutes?, _ model: ModelInfo, _ identity: ModelIdentity
    ) {
        self.engine = engine
        self.routes = routes
        self.model = model
        self.identity = identity
    }

    /// Whether queries and documents go through modules of their own.
    package var hasRoutes: Bool { routes != nil }

    /// The engine of a role, and the role that chooses its prompt.
    package func engine(for role: TextRole?) throws(MartletError) -> (engine: Engine, role: TextRole?) {
        try routes?.choose(role) ?? (engine, role)
    }

    /// The most tokens of a text, and how many texts fill the threads.
    public var limits: InputLimits { InputLimits(maxTokens: model.maxTokens, preferredTexts: 1024) }

    /// The vectors of texts.
    /// - Parameters:
    ///   - texts: Any number; none gives an empty block.
    ///   - role: Query or document, for models with a prompt for each; nil uses the model's default prompt,
    ///     usually none.
    ///   - options: Pooling, dimensions, normalisation, truncation.
    /// - Returns: One vector a text, in order, and what they took.
    /// - Throws: ``MartletError``, with the index of the text at fault; `CancellationError` if the task was
    ///   cancelled before it began.
    public func embed(_ texts: [String], as role: TextRole? = nil, options: EmbedOptions = .init())
        async throws -> Embeddings
    {
        try await BlockingCalls.shared.run { try embedBlocking(texts, as: role, options: options) }
    }

    /// The vectors of one text's tokens, special tokens included: pooling "none".
    ///
    /// `options` give the prompt and the truncation.
    /// - Throws: ``MartletError``, also if other options are given; `CancellationError` if the task was
    ///   cancelled before it began.
    public func tokenVectors(of text: String, as role: TextRole? = nil, options: EmbedOptions = .init())
        async throws -> TokenVectors
    {
        try await BlockingCalls.shared.run { try tokenVectorsBlocking(of: text, as: role, options: options) }
    }

    /// The vectors of texts, computed on the calling thread and the embedder's own.
    ///
    /// For programs without concurrency. It blocks: do not call it from a task.
    /// - Throws: ``MartletError``, with the index of the text at fault.
    public func embedBlocking(
        _ texts: [String], as role: TextRole? = nil, options: EmbedOptions = .init()
    ) throws(MartletError) -> Embeddings {
        let (engine, role) = try engine(for: role)
        return try engine.embed(texts, role: role, options, identity: identity)
    }

    /// The vectors of one text's tokens, computed on the calling thread and the embedder's own.
    ///
    /// For programs without concurrency; otherwise as ``tokenVectors(of:as:options:)``. It blocks: do not
    /// call it from a task.
    /// - Throws: ``MartletError``.
    public func tokenVectorsBlocking(
        of text: String, as role: TextRole? = nil, options: EmbedOptions = .init()
    ) throws(MartletError) -> TokenVectors {
        let (engine, role) = try engine(for: role)
        return try engine.tokenVectors(text, role: role, options)
    }

    /// The tokens of a text as the model reads it, prompt and special tokens included.
    /// - Throws: ``MartletError`` if the text is too long and `options.truncation` is
    ///   ``TruncationPolicy/error``, or the role is unknown.
    public func tokenize(_ text: String, as role: TextRole? = nil, options: EmbedOptions = .init())
        throws(MartletError) -> Tokens
    {
        let (engine, role) = try engine(for: role)
        return try engine.tokens(of: text, role: role, options, limit: engine.info.maxTokens)
    }

    /// The tokens of a text however long it is.
    /// - Throws: ``MartletError`` if the role is unknown.
    public func tokenizeWhole(_ text: String, as role: TextRole? = nil, options: EmbedOptions = .init())
        throws(MartletError) -> Tokens
    {
        let (engine, role) = try engine(for: role)
        return try engine.tokens(of: text, role: role, options, limit: nil)
    }
}
