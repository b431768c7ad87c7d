#if Server

internal import CoreMetrics
internal import Logging
internal import Martlet
internal import MartletCompute
internal import MartletHTTP
internal import MartletHub
internal import MartletProviders
internal import MartletSystem
internal import Tracing
import Synchronization

/// What all routes share.
final class ServerCore: Sendable {
    let configuration: ServerConfiguration
    let store: ModelStore
    let hub: Hub
    let queue: Scheduler
    let service: EmbedService
    let cache: ResultCache?
    let metrics: Metrics
    /// The program's; nil if it has none.
    let tracer: (any Tracer)?
    let offload: Offload
    /// Nil without a folder for them.
    let collections: CollectionStore?
    let documents: DocumentStores?
    /// Nil without a chat model for it.
    let rewriter: QueryRewriter?
    let connections = Connections()
    let clock: Clock
    let logger: Logger
    let routes: [Route]
    /// Seconds since 1970.
    let startedAt = WallClock.now().seconds
    let openRequests = Atomic<Int>(0)
    /// Those of them whose bodies are whole and that compute something.
    let runningRequests = Atomic<Int>(0)
    let bodyBytes = Atomic<Int>(0)
    /// Of requests that are being answered.
    let wholeBodyBytes = Atomic<Int>(0)
    let answers = HeldTotal()
    private let threads: SchedulerThreads
    private let loading: ModelLoading
    private let key: KeyCheck?
    private let requestIDs = RequestIDs()

    /// - Parameters:
    ///   - loader: Loads a model; tests put a fake in its place.
    ///   - transport: Reaches chat models; nil: the network.
    ///   - system: Where metrics go beside the server's own page.
    init(
        _ configuration: ServerConfiguration, clock: Clock = .system, logger: Logger,
        loader: ModelStore.Loader? = nil, transport: (any HTTPTransport)? = nil,
        metrics system: any MetricsFactory = NOOPMetricsHandler.instance, tracer: (any Tracer)? = nil
    ) throws(ServerError) {
        try configuration.check()
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        self.tracer = tracer is NoOpTracer ? nil : tracer
        metrics = Metrics(hasCache: configuration.cacheBytes > 0, system: system)
        let context: ComputeContext
        do throws(MartletError) { context = try ComputeContext(configuration.compute) } catch {
            throw ServerError(error.message)
        }
        var compute = configuration.compute
        compute.threads = nil
        compute.context = context
        let hub = Hub()
        self.hub = hub
        loading = ModelLoading(
            compute: compute, threads: context.threads, clock: clock, hub: hub,
            corpusSample: configuration.corpusSample)
        store = ModelStore(
            configuration.models,
            limits: .init(
                models: configuration.maxLoadedModels, bytes: configuration.maxMemory,
                keepAlive: configuration.keepAlive),
            clock: clock, takesAnyName: configuration.acceptsAnyModelName,
            finder: Self.finder(configuration.servesHub ? hub : nil),
            loader: loader ?? Self.loader(loading))
        queue = Scheduler(capacity: configuration.maxQueue, threads: context.threads, clock: clock)
        cache = configuration.cacheBytes > 0 ? ResultCache(limit: configuration.cacheBytes) : nil
        do throws(ThreadError) {
            offload = try Offload()
            collections = try configuration.dataFolder.map { folder throws(ThreadError) in
                CollectionStore(folder: folder, commits: try Offload(), clock: clock)
            }
            threads = try SchedulerThreads(queue, on: context) {
                [metrics] texts, tokens, budget, nanoseconds in
                metrics.batch(texts: texts, tokens: tokens, budget: budget, nanoseconds: nanoseconds)
            }
        } catch {
            throw ServerError(error.reason)
        }
        documents = collections.map { DocumentStores($0) }
        rewriter = configuration.rewriteURL.map { url in
            QueryRewriter(
                address: url, model: configuration.rewriteModel ?? "", key: configuration.rewriteKey,
                transport: transport ?? NetworkTransport())
        }
        service = EmbedService(
            store: store, queue: queue, cache: cache, clock: clock,
            timeout: configuration.requestTimeout.map { UInt64($0) * 1_000_000_000 },
            resultLimit: configuration.maxResponseBytes)
        key = configuration.apiKey.map { KeyCheck($0) }
        routes = RouteList.all
    }

    /// Models of the cache that requests may name.
    private static func finder(_ hub: Hub?) -> ModelStore.Finder {
        { (name: String) -> ModelEntry? in
            guard let model = try? hub?.require(name) else { return nil }
            return ModelEntry(name: name, model)
        }
    }

    /// Looks for each model, as far as it is possible without loading it.
    /// - Throws: If one cannot be found or read.
    func checkModels() async throws(ServerError) {
        if configuration.isLazy { return }
        for entry in configuration.models {
            do throws(MartletError) {
                try loading.check(entry)
            } catch {
                throw ServerError("model \(entry.name) cannot be loaded: \(error.message)")
            }
        }
    }

    private static func loader(_ loading: ModelLoading) -> ModelStore.Loader {
        { (entry: ModelEntry) throws(MartletError) -> ServedModel in try loading.load(entry) }
    }

    deinit {
        offload.close()
        collections?.commits.close()
        // Whoever holds the last reference may be a task: the threads end on their own.
        queue.close()
    }

    /// Runs what waits, then ends the threads. It blocks.
    func stop() { threads.stop() }

    func isAllowed(_ key: String?) -> Bool { self.key?.accepts(key) ?? true }

    func nextRequestID() -> String { requestIDs.next() }
}

#endif
