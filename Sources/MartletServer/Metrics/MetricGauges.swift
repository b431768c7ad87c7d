#if Server

internal import CoreMetrics
internal import Martlet
import Synchronization

/// Numbers that are looked up rather than counted: when the page is asked for, and once a second for the
/// program's own backend.
final class MetricGauges: Sendable {
    private let factory: any MetricsFactory
    private let queueSize: Meter
    private let tokensPerSecond: Meter
    private let queueTokens: Meter
    private let runningTexts: Meter
    private let openRequests: Meter
    private let openConnections: Meter
    private let bodyBytes: Meter
    private let cache: (entries: Meter, bytes: Meter)?
    private let loadedModels: Meter
    private let residentBytes: Meter?
    private let startTime: Meter
    /// By name; a model that was unloaded has none.
    private let modelBytes = Mutex<[String: Meter]>([:])

    init(hasCache: Bool, _ factory: any MetricsFactory) {
        func meter(_ name: String) -> Meter { Meter(label: name, factory: factory) }
        self.factory = factory
        queueSize = meter("te_queue_size")
        tokensPerSecond = meter("martlet_tokens_per_second")
        queueTokens = meter("martlet_queue_tokens")
        runningTexts = meter("martlet_running_texts")
        openRequests = meter("martlet_open_requests")
        openConnections = meter("martlet_open_connections")
        bodyBytes = meter("martlet_body_bytes")
        cache = hasCache ? (meter("martlet_cache_entries"), meter("martlet_cache_bytes")) : nil
        loadedModels = meter("martlet_loaded_models")
        residentBytes = ProcessMemory.resident() == nil ? nil : meter("process_resident_memory_bytes")
        startTime = meter("process_start_time_seconds")
    }

    func sample(_ server: ServerCore) {
        let depth = server.queue.depth
        queueSize.set(depth.waitingTexts)
        tokensPerSecond.set(depth.tokensPerSecond)
        queueTokens.set(depth.waitingTokens)
        runningTexts.set(depth.runningTexts)
        openRequests.set(server.openRequests.load(ordering: .relaxed))
        openConnections.set(server.connections.count)
        bodyBytes.set(server.bodyBytes.load(ordering: .relaxed))
        if let counts = server.cache?.counts {
            cache?.entries.set(counts.entries)
            cache?.bytes.set(counts.bytes)
        }
        if let bytes = ProcessMemory.resident() { residentBytes?.set(bytes) }
        startTime.set(server.startedAt)
        let models = server.store.loadedModels
        loadedModels.set(models.count)
        modelBytes.withLock { meters in
            for (name, meter) in meters where !models.contains(where: { $0.name == name }) {
                meter.destroy()
                meters[name] = nil
            }
            for model in models {
                let meter =
                    meters[model.name]
                    ?? Meter(
                        label: "martlet_model_bytes", dimensions: [("model", model.name)], factory: factory)
                meters[model.name] = meter
                meter.set(model.bytes)
            }
        }
    }
}

#endif
