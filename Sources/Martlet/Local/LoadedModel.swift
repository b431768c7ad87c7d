internal import MartletModels
internal import MartletSystem

/// A local model of whichever kind its files describe.
///
/// ```swift
/// switch try await LoadedModel.load(.path("bge-m3")) {
/// case .dense(let embedder): …
/// case .sparse(let embedder): …
/// case .multiVector(let embedder): …
/// case .contextual(let embedder): …
/// case .relevance(let reranker): …
/// }
/// ```
public enum LoadedModel: Sendable {
    /// One vector for each text.
    case dense(Embedder)
    /// A weight for each of few tokens.
    case sparse(SparseEmbedder)
    /// A vector for each token.
    case multiVector(MultiVectorEmbedder)
    /// One vector for each text, in the context of a corpus.
    case contextual(ContextualEmbedder)
    /// A score for a query and a document together, or for each of several labels.
    case relevance(Reranker)

    /// What the model is and how it runs.
    public var info: ModelInfo {
        switch self {
        case .dense(let model): model.model
        case .sparse(let model): model.model
        case .multiVector(let model): model.model
        case .contextual(let model): model.model
        case .relevance(let model): model.model
        }
    }

    /// Loads a model of the kind that its files describe. Nothing of it runs on the calling task's thread.
    /// - Parameters:
    ///   - source: Where the model is.
    ///   - configuration: Threads, precision and memory. Pooling does not apply to rerankers, and is left out
    ///     for them.
    ///   - progress: Called as loading goes on, on a thread of the library.
    /// - Throws: ``MartletError`` if a file is missing, malformed or not supported; `CancellationError` if
    ///   the task is cancelled before the model is loaded.
    public static func load(
        _ source: ModelSource, configuration: ModelConfiguration = .init(),
        progress: (@Sendable (LoadProgress) -> Void)? = nil
    ) async throws -> LoadedModel {
        let isCancelled = Locked(false)
        let observer = LoadObserver(isCancelled: { isCancelled.withLock { $0 } }) { step in
            progress?(LoadProgress(step))
        }
        return try await withTaskCancellationHandler {
            let model: LoadedModel
            do {
                model = try await BlockingCalls.shared.run {
                    progress?(.readingConfiguration)
                    let kind = try ModelManifest.read(from: source).kind
                    return try LoadedModel(kind, source, configuration, observer: observer)
                }
            } catch {
                // Ended between two layers, which the loader reports as an error of its own.
                try Task.checkCancellation()
                throw error
            }
            try Task.checkCancellation()
            progress?(.loaded)
            return model
        } onCancel: {
            isCancelled.withLock { $0 = true }
        }
    }

    /// Loads a model on the calling thread.
    ///
    /// For programs without concurrency. It blocks: do not call it from a task.
    /// - Parameters:
    ///   - source: Where the model is.
    ///   - kind: What to load it as, for models that can do several things, as bge-m3; nil: as what its files
    ///     describe.
    ///   - configuration: Threads, precision and memory. Pooling does not apply to rerankers, and is left out
    ///     for them.
    ///   - progress: Called as loading goes on, on the calling thread and on threads of the library, one call
    ///     at a time; false ends the loading.
    /// - Throws: ``MartletError`` if a file is missing, malformed or not supported, or `progress` has ended
    ///   the loading.
    public static func loadBlocking(
        _ source: ModelSource, as kind: ModelKind? = nil, configuration: ModelConfiguration = .init(),
        progress: (@Sendable (LoadProgress) -> Bool)? = nil
    ) throws(MartletError) -> LoadedModel {
        let isCancelled = Locked(false)
        let report: @Sendable (LoadProgress) -> Void = { step in
            if progress?(step) == false { isCancelled.withLock { $0 = true } }
        }
        let observer = LoadObserver(isCancelled: { isCancelled.withLock { $0 } }) { step in
            report(LoadProgress(step))
        }
        report(.readingConfiguration)
        let described = if let kind { kind } else { try ModelManifest.read(from: source).kind }
        let model = try LoadedModel(described, source, configuration, observer: observer)
        report(.loaded)
        return model
    }

    private init(
        _ kind: ModelKind, _ source: ModelSource, _ configuration: ModelConfiguration, observer: LoadObserver
    ) throws(MartletError) {
        switch kind {
        case .embedder: self = .dense(try Embedder(source, configuration, observer: observer))
        case .sparse: self = .sparse(try SparseEmbedder(source, configuration, observer: observer))
        case .lateInteraction:
            self = .multiVector(try MultiVectorEmbedder(source, configuration, observer: observer))
        case .contextual:
            self = .contextual(try ContextualEmbedder(source, configuration, observer: observer))
        case .reranker, .classifier:
            var configuration = configuration
            configuration.pooling = .native
            self = .relevance(try Reranker(source, configuration, observer: observer))
        }
    }
}
