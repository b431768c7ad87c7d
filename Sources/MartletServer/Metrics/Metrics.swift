#if Server

internal import CoreMetrics
import Synchronization

/// What the server counts, recorded by swift-metrics: for the server's own page, and for the program's
/// backend if it has one.
///
/// A counter is found by name once; a request records through handles.
final class Metrics: Sendable {
    /// What `GET /metrics` shows.
    let registry: PrometheusRegistry
    let gauges: MetricGauges
    /// By TEI's label `method`, and by its label `err`.
    private let requests: LabelledCounters
    private let successes: LabelledCounters
    private let failures: LabelledCounters
    private let responses: LabelledCounters
    private let requestTime: Timer
    private let tokenizationTime: Timer
    private let queueTime: Timer
    private let inferenceTime: Timer
    private let inputTokens: Recorder
    private let embed: KindOfRequest
    private let predict: KindOfRequest
    private let batchTexts: Recorder
    private let batchTokens: Recorder
    private let batchFill: Recorder
    private let computedTokens: Counter
    private let computedTexts: Counter
    private let computeSeconds: FloatingPointCounter
    private let truncatedTexts: Counter
    private let cancelled: Counter
    private let cache: (hits: Counter, misses: Counter)?

    /// TEI's three metrics of a kind of request.
    private struct KindOfRequest: Sendable {
        let count: Counter
        let success: Counter
        let duration: Timer

        init(_ kind: String, _ factory: any MetricsFactory) {
            count = Counter(label: "te_\(kind)_count", factory: factory)
            success = Counter(label: "te_\(kind)_success", factory: factory)
            duration = Timer(label: "te_\(kind)_duration", preferredDisplayUnit: .seconds, factory: factory)
        }
    }

    /// - Parameter system: The program's backend, which gets the same as the page; by default none.
    init(hasCache: Bool, system: any MetricsFactory = NOOPMetricsHandler.instance) {
        registry = PrometheusRegistry(Self.families(hasCache: hasCache))
        let isAlone = system is NOOPMetricsHandler
        let factory: any MetricsFactory =
            isAlone ? registry : MultiplexMetricsHandler(factories: [registry, system])
        func timer(_ label: String) -> Timer {
            Timer(label: label, preferredDisplayUnit: .seconds, factory: factory)
        }
        func counter(_ label: String) -> Counter { Counter(label: label, factory: factory) }
        requests = LabelledCounters("te_request_count", factory)
        successes = LabelledCounters("te_request_success", factory)
        failures = LabelledCounters("te_request_failure", factory)
        responses = LabelledCounters("martlet_http_requests_total", factory)
        requestTime = timer("te_request_duration")
        tokenizationTime = timer("te_request_tokenization_duration")
        queueTime = timer("te_request_queue_duration")
        inferenceTime = timer("te_request_inference_duration")
        inputTokens = Recorder(label: "te_request_input_length", factory: factory)
        embed = KindOfRequest("embed", factory)
        predict = KindOfRequest("predict", factory)
        batchTexts = Recorder(label: "te_batch_next_size", factory: factory)
        batchTokens = Recorder(label: "te_batch_next_tokens", factory: factory)
        batchFill = Recorder(label: "martlet_batch_fill_ratio", factory: factory)
        computedTokens = counter("martlet_tokens_total")
        computedTexts = counter("martlet_texts_total")
        computeSeconds = FloatingPointCounter(label: "martlet_compute_seconds_total", factory: factory)
        truncatedTexts = counter("martlet_truncated_texts_total")
        cancelled = counter("martlet_cancelled_requests_total")
        cache = hasCache ? (counter("martlet_cache_hits_total"), counter("martlet_cache_misses_total")) : nil
        gauges = MetricGauges(hasCache: hasCache, factory)
    }

    /// After each batch, on the thread that ran it.
    func batch(texts: Int, tokens: Int, budget: Int, nanoseconds: UInt64) {
        batchTexts.record(texts)
        batchTokens.record(tokens)
        batchFill.record(Double(tokens) / Double(max(1, budget)))
        computedTokens.increment(by: tokens)
        computedTexts.increment(by: texts)
        computeSeconds.increment(by: Double(nanoseconds) * 1e-9)
    }

    /// At the end of each request.
    func finished(_ record: CallRecord.Values, route: Route, status: Int, nanoseconds: UInt64) {
        responses.increment("\(status) \(route.path)") { [("route", route.path), ("status", "\(status)")] }
        guard let operation = record.operation ?? route.operation else { return }
        let isSuccess = status < 400
        let method = operation.rawValue
        requests.increment(method) { [("method", method)] }
        if isSuccess { successes.increment(method) { [("method", method)] } }
        if let failure = record.failure { failures.increment(failure) { [("err", failure)] } }
        if status == 499 { cancelled.increment() }
        if let cache {
            cache.hits.increment(by: record.cacheHits)
            cache.misses.increment(by: record.cacheMisses)
        }
        let kind: KindOfRequest? =
            switch operation {
            case .embed, .embedAll, .embedSparse: embed
            case .predict, .rerank: predict
            case .tokenize: nil
            }
        kind?.count.increment()
        guard isSuccess else { return }
        kind?.success.increment()
        kind?.duration.recordNanoseconds(nanoseconds)
        requestTime.recordNanoseconds(nanoseconds)
        if operation == .tokenize { return }
        tokenizationTime.recordNanoseconds(record.tokenization)
        queueTime.recordNanoseconds(record.queued)
        inferenceTime.recordNanoseconds(record.computed)
        truncatedTexts.increment(by: record.truncated)
        for tokens in record.lengths { inputTokens.record(tokens) }
    }
}

/// Counters of one name, each made when its labels first come.
private final class LabelledCounters: Sendable {
    private let name: String
    private let factory: any MetricsFactory
    private let counters = Mutex<[String: Counter]>([:])

    init(_ name: String, _ factory: any MetricsFactory) {
        self.name = name
        self.factory = factory
    }

    func increment(_ key: String, _ labels: () -> [(String, String)]) {
        let counter = counters.withLock { counters in
            if let known = counters[key] { return known }
            let made = Counter(label: name, dimensions: labels(), factory: factory)
            counters[key] = made
            return made
        }
        counter.increment()
    }
}

#endif
