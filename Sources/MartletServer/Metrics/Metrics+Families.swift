#if Server

extension Metrics {
    /// What the page holds, in its order: TEI's names, so that its dashboards work, and Martlet's own.
    static func families(hasCache: Bool) -> [PrometheusRegistry.Declaration] {
        func counter(_ name: String, _ help: String) -> PrometheusRegistry.Declaration {
            .init(name: name, help: help, kind: .counter)
        }
        func gauge(_ name: String, _ help: String) -> PrometheusRegistry.Declaration {
            .init(name: name, help: help, kind: .gauge)
        }
        func histogram(_ name: String, _ help: String, _ buckets: Histogram = .seconds)
            -> PrometheusRegistry.Declaration
        {
            .init(name: name, help: help, kind: .histogram, buckets: buckets)
        }
        var families = [
            counter("te_request_count", "Requests by what they do"),
            counter("te_request_success", "Requests that succeeded"),
            counter("te_request_failure", "Requests that failed, by reason"),
            histogram("te_request_duration", "Seconds from the request to its answer"),
            histogram("te_request_tokenization_duration", "Seconds that texts took to be cut into tokens"),
            histogram("te_request_queue_duration", "Seconds that requests waited"),
            histogram(
                "te_request_inference_duration",
                "Seconds from a request's first forward pass to its last result"),
            histogram("te_request_input_length", "Tokens of texts", .tokens),
        ]
        for kind in ["embed", "predict"] {
            families += [
                counter("te_\(kind)_count", "Requests of this kind"),
                counter("te_\(kind)_success", "Requests of this kind that succeeded"),
                histogram("te_\(kind)_duration", "Seconds of requests of this kind"),
            ]
        }
        families += [
            gauge("te_queue_size", "Texts that wait"),
            histogram("te_batch_next_size", "Texts of a forward pass", .texts),
            histogram("te_batch_next_tokens", "Tokens of a forward pass", .tokens),
            counter("martlet_http_requests_total", "Answers by route and status"),
            counter("martlet_tokens_total", "Tokens that went through a model"),
            counter("martlet_texts_total", "Texts that went through a model"),
            counter("martlet_truncated_texts_total", "Texts that were cut because they were too long"),
            counter("martlet_cancelled_requests_total", "Requests whose client went away"),
            histogram(
                "martlet_batch_fill_ratio", "Tokens of a forward pass as a share of the token budget", .fill),
            counter("martlet_compute_seconds_total", "Seconds that threads spent in forward passes"),
            gauge("martlet_tokens_per_second", "Tokens per second of one thread, over the last passes"),
            gauge("martlet_queue_tokens", "Tokens of the texts that wait"),
            gauge("martlet_running_texts", "Texts in forward passes"),
            gauge("martlet_open_requests", "Requests that are being answered"),
            gauge("martlet_open_connections", "Connections of clients"),
            gauge("martlet_body_bytes", "Bytes of bodies that are held"),
        ]
        if hasCache {
            families += [
                counter("martlet_cache_hits_total", "Texts whose result was kept"),
                counter("martlet_cache_misses_total", "Texts whose result was not kept"),
                gauge("martlet_cache_entries", "Results that are kept"),
                gauge("martlet_cache_bytes", "Bytes of results that are kept"),
            ]
        }
        families += [
            gauge("martlet_loaded_models", "Models in memory"),
            gauge("martlet_model_bytes", "The most bytes of a model's weights and working memory"),
            gauge("process_resident_memory_bytes", "Resident memory"),
            gauge("process_start_time_seconds", "When the server started, in seconds since 1970"),
        ]
        return families
    }
}

#endif
