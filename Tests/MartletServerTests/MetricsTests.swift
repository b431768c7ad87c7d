#if Server

import CoreMetrics
import Foundation
import HTTPTypes
import Martlet
import MartletJSON
import Testing

@testable import MartletServer

@Suite struct MetricsTests {
    @Test func requestsAreCounted() async throws {
        let server = try TestServer { $0.cacheBytes = 1 << 20 }
        _ = try await server.post("/embed", #"{"inputs":["a cat","a dog"]}"#)
        _ = try await server.post("/embed", #"{"inputs":["a cat"]}"#)
        _ = try await server.post("/embed", "{}")
        _ = try await server.post("/v1/embeddings", #"{"input":"a","model":"none"}"#)
        let page = try await server.send(.get, "/metrics")
        #expect(page.header("content-type") == "text/plain; version=0.0.4; charset=utf-8")
        let lines = Set(page.text.split(separator: "\n").map(String.init))
        for line in [
            #"te_request_count{method="embed"} 4"#, #"te_request_success{method="embed"} 2"#,
            #"te_request_failure{err="validation"} 2"#,
            "te_embed_count 4", "te_embed_success 2", "te_queue_size 0.0", "te_request_input_length_count 3",
            "te_request_duration_count 2",
            "martlet_tokens_total 8", "martlet_texts_total 2", "martlet_cache_hits_total 1",
            "martlet_cache_misses_total 2",
            #"martlet_http_requests_total{route="/embed",status="200"} 2"#,
            #"martlet_http_requests_total{route="/embed",status="422"} 1"#,
            #"martlet_http_requests_total{route="/v1/embeddings",status="404"} 1"#,
            "martlet_loaded_models 1.0",
        ] {
            #expect(lines.contains(line), "\(line)")
        }
    }

    /// Each family has one header, and its samples follow.
    @Test func thePageIsWellFormed() async throws {
        let page = try await TestServer.shared.get().send(.get, "/metrics").text
        var families: Set<String> = []
        var current = ""
        for line in page.split(separator: "\n") {
            if line.hasPrefix("# HELP ") {
                current = String(line.split(separator: " ")[2])
                let (isNew, _) = families.insert(current)
                #expect(isNew, "\(current)")
            } else if !line.hasPrefix("#") {
                #expect(line.hasPrefix(current), "\(line)")
                #expect(Double(line.split(separator: " ").last ?? "") != nil, "\(line)")
            }
        }
        #expect(families.count > 30)
    }

    /// A program with a backend of its own gets what the page shows.
    @Test func theProgramsBackendGetsTheSame() async throws {
        let backend = PrometheusRegistry([])
        let server = try TestServer({ _ in }, metrics: backend)
        _ = try await server.post("/embed", #"{"inputs":["a cat","a dog"]}"#)
        _ = try await server.post("/embed", "{}")
        _ = try await server.send(.get, "/metrics")
        let lines = Set(backend.text.split(separator: "\n").map(String.init))
        for sample in [
            #"te_request_count{method="embed"}"#, #"te_request_failure{err="validation"}"#,
            "te_embed_success", "martlet_tokens_total",
            "te_request_duration_count", "te_request_input_length_count", "martlet_compute_seconds_total",
            "martlet_loaded_models",
        ] {
            let value = try #require(server.metric(sample), "\(sample)")
            let others = lines.filter { $0.hasPrefix(sample + " ") }.map {
                Double($0.dropFirst(sample.count + 1))
            }
            #expect(value > 0 && others == [value], "\(sample)")
        }
    }

    /// What other libraries of the program record is on the page.
    @Test func otherLibrariesAreOnThePage() async throws {
        let server = try TestServer()
        let factory = server.core.metrics.registry
        for _ in 0..<2 {
            Counter(label: "jobs.done", dimensions: [("b", "x\"y"), ("a", "1")], factory: factory).increment(
                by: 2)
        }
        Meter(label: "depth", factory: factory).set(2.5)
        Timer(label: "job.seconds", factory: factory).recordMilliseconds(30)
        Recorder(label: "last", aggregate: false, factory: factory).record(7)
        // A name that is a counter already.
        Meter(label: "te_embed_count", factory: factory).set(99)
        let page = try await server.send(.get, "/metrics").text
        for line in [
            #"jobs_done{a="1",b="x\"y"} 4"#, "depth 2.5", #"job_seconds_bucket{le="0.025"} 0"#,
            #"job_seconds_bucket{le="0.05"} 1"#,
            "last 7.0", "te_embed_count 0", "# TYPE job_seconds histogram",
        ] {
            #expect(page.contains(line + "\n"), "\(line)")
        }
    }

    @Test func aModelThatIsUnloadedIsNoLongerOnThePage() async throws {
        let server = try TestServer()
        try await server.core.store.load(nil)
        #expect(
            try await server.send(.get, "/metrics").text.contains(
                #"martlet_model_bytes{model="all-MiniLM-L6-v2"}"#))
        try await server.core.store.unload("all-minilm")
        let page = try await server.send(.get, "/metrics").text
        #expect(!page.contains("martlet_model_bytes{") && page.contains("martlet_loaded_models 0.0\n"))
    }

    @Test func bucketsAreCumulativeUpperBounds() {
        var histogram = Histogram(bounds: [1, 2])
        for value in [0.5, 1, 1.5, 9] { histogram.observe(value) }
        #expect(histogram.counts == [2, 1] && histogram.count == 4 && histogram.sum == 12)
    }
}

extension MetricsTests {
    /// docs/grafana-dashboard.json asks for nothing that is not there.
    @Test func theDashboardKnowsTheMetrics() async throws {
        let path = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let dashboard = try JSONValue.parse(
            Array(Data(contentsOf: URL(fileURLWithPath: "/\(path)/docs/grafana-dashboard.json"))))
        let server = try TestServer { $0.cacheBytes = 1 << 20 }
        let page = try await server.send(.get, "/metrics").text
        let names = Set(
            page.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }.map {
                String($0.split(separator: " ")[2])
            })
        var asked = 0
        for panel in dashboard["panels"]?.array ?? [] {
            for target in panel["targets"]?.array ?? [] {
                for word in (target["expr"]?.string ?? "").split(whereSeparator: {
                    !($0.isLetter || $0.isNumber || $0 == "_")
                }) {
                    guard ["te_", "martlet_", "process_"].contains(where: word.hasPrefix) else { continue }
                    asked += 1
                    let name = word.hasSuffix("_bucket") ? String(word.dropLast(7)) : String(word)
                    #expect(names.contains(name), "\(name)")
                }
            }
        }
        #expect(asked > 20)
    }
}

#endif
