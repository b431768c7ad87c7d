import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the server counts, in Prometheus' text format 0.0.4: TEI's names, so that its dashboards work, and Martlet's own.
struct PrometheusText {
    private var text = ""

    static func of(_ server: ServerCore) -> String {
        let values = server.metrics.snapshot
        let depth = server.queue.depth
        var page = PrometheusText()
        page.tei(values, depth)
        page.own(values, depth, server)
        return page.text
    }

    private mutating func tei(_ values: Metrics.Values, _ depth: BatchQueue.Depth) {
        counter("te_request_count", "Requests by what they do", values.requests.map { (["method": $0.key], $0.value) })
        counter("te_request_success", "Requests that succeeded", values.successes.map { (["method": $0.key], $0.value) })
        counter("te_request_failure", "Requests that failed, by reason", values.failures.map { (["err": $0.key], $0.value) })
        histogram("te_request_duration", "Seconds from the request to its answer", values.requestSeconds)
        histogram("te_request_tokenization_duration", "Seconds that texts took to be cut into tokens", values.tokenizationSeconds)
        histogram("te_request_queue_duration", "Seconds that requests waited", values.queueSeconds)
        histogram(
            "te_request_inference_duration", "Seconds from a request's first forward pass to its last result", values.inferenceSeconds)
        histogram("te_request_input_length", "Tokens of texts", values.inputTokens)
        for (name, operation) in [("embed", values.embed), ("predict", values.predict)] {
            counter("te_\(name)_count", "Requests of this kind", [([:], operation.count)])
            counter("te_\(name)_success", "Requests of this kind that succeeded", [([:], operation.successes)])
            histogram("te_\(name)_duration", "Seconds of requests of this kind", operation.seconds)
        }
        gauge("te_queue_size", "Texts that wait", [([:], Double(depth.waitingTexts))])
        histogram("te_batch_next_size", "Texts of a forward pass", values.batchTexts)
        histogram("te_batch_next_tokens", "Tokens of a forward pass", values.batchTokens)
    }

    private mutating func own(_ values: Metrics.Values, _ depth: BatchQueue.Depth, _ server: ServerCore) {
        counter(
            "martlet_http_requests_total", "Answers by route and status",
            values.responses.map { (["route": $0.key.route, "status": "\($0.key.status)"], $0.value) })
        counter("martlet_tokens_total", "Tokens that went through a model", [([:], values.computedTokens)])
        counter("martlet_texts_total", "Texts that went through a model", [([:], values.computedTexts)])
        counter("martlet_truncated_texts_total", "Texts that were cut because they were too long", [([:], values.truncatedTexts)])
        counter("martlet_cancelled_requests_total", "Requests whose client went away", [([:], values.cancelled)])
        histogram("martlet_batch_fill_ratio", "Tokens of a forward pass as a share of the token budget", values.batchFill)
        gauge(
            "martlet_compute_seconds", "Seconds that threads spent in forward passes", [([:], values.computeSeconds)], type: "counter",
            suffix: "_total")
        gauge("martlet_tokens_per_second", "Tokens per second of one thread, over the last passes", [([:], depth.tokensPerSecond)])
        gauge("martlet_queue_tokens", "Tokens of the texts that wait", [([:], Double(depth.waitingTokens))])
        gauge("martlet_running_texts", "Texts in forward passes", [([:], Double(depth.runningTexts))])
        gauge("martlet_open_requests", "Requests that are being answered", [([:], Double(server.openRequests.load(ordering: .relaxed)))])
        gauge("martlet_open_connections", "Connections of clients", [([:], Double(server.connections.count))])
        gauge("martlet_body_bytes", "Bytes of bodies that are held", [([:], Double(server.bodyBytes.load(ordering: .relaxed)))])
        if let counts = server.cache?.counts {
            counter("martlet_cache_hits_total", "Texts whose result was kept", [([:], counts.hits)])
            counter("martlet_cache_misses_total", "Texts whose result was not kept", [([:], counts.misses)])
            gauge("martlet_cache_entries", "Results that are kept", [([:], Double(counts.entries))])
            gauge("martlet_cache_bytes", "Bytes of results that are kept", [([:], Double(counts.bytes))])
        }
        let models = server.store.loadedModels
        gauge("martlet_loaded_models", "Models in memory", [([:], Double(models.count))])
        gauge(
            "martlet_model_bytes", "The most bytes of a model's weights and working memory",
            models.map { (["model": $0.name], Double($0.bytes)) })
        if let bytes = ProcessMemory.resident() {
            gauge("process_resident_memory_bytes", "Resident memory", [([:], Double(bytes))])
        }
        gauge("process_start_time_seconds", "When the server started, in seconds since 1970", [([:], Double(server.startedAt))])
    }

    // MARK: Lines

    private typealias Sample<Value> = (labels: [String: String], value: Value)

    private mutating func header(_ name: String, _ help: String, _ type: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    private mutating func counter(_ name: String, _ help: String, _ samples: [Sample<Int>]) {
        header(name, help, "counter")
        for sample in samples.sorted(by: { Self.labels($0.labels) < Self.labels($1.labels) }) {
            text += "\(name)\(Self.labels(sample.labels)) \(sample.value)\n"
        }
    }

    private mutating func gauge(_ name: String, _ help: String, _ samples: [Sample<Double>], type: String = "gauge", suffix: String = "") {
        header(name + suffix, help, type)
        for sample in samples { text += "\(name + suffix)\(Self.labels(sample.labels)) \(sample.value)\n" }
    }

    private mutating func histogram(_ name: String, _ help: String, _ histogram: Histogram) {
        header(name, help, "histogram")
        var sum = 0
        for (bound, count) in zip(histogram.bounds, histogram.counts) {
            sum += count
            text += "\(name)_bucket{le=\"\(bound)\"} \(sum)\n"
        }
        text += "\(name)_bucket{le=\"+Inf\"} \(histogram.count)\n\(name)_sum \(histogram.sum)\n\(name)_count \(histogram.count)\n"
    }

    private static func labels(_ labels: [String: String]) -> String {
        if labels.isEmpty { return "" }
        let pairs = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(escaped($0.value))\"" }
        return "{" + pairs.joined(separator: ",") + "}"
    }

    private static func escaped(_ value: String) -> String {
        var shown = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": shown += "\\\\"
            case "\"": shown += "\\\""
            case "\n": shown += "\\n"
            default: shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }
}

/// What the system says of this process.
enum ProcessMemory {
    /// Resident bytes; nil where the system does not say.
    static func resident() -> Int? {
        #if os(Linux)
            let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return nil }
            defer { close(descriptor) }
            var buffer = [UInt8](repeating: 0, count: 128)
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return nil }
            let numbers = String(decoding: buffer[..<count], as: UTF8.self).split(separator: " ")
            guard numbers.count > 1, let pages = Int(numbers[1]) else { return nil }
            return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
        #else
            return nil
        #endif
    }
}
