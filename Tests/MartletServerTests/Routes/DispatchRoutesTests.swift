#if Server

import HTTPTypes
import Martlet
import MartletJSON
import MartletTestSupport
import Testing

@testable import MartletServer

/// Routes that do what the model is made for.
@Suite struct DispatchRoutesTests {
    private func server() throws -> TestServer { try TestServer.heads.get() }

    @Test(arguments: ["/", "/invocations"]) func theModelDecides(path: String) async throws {
        for (route, body) in [
            ("/rerank", #"{"query":"q","texts":["a","a b c"],"model":"reranker"}"#),
            ("/predict", #"{"inputs":"a b","model":"classifier"}"#),
            ("/embed_sparse", #"{"inputs":["cat"],"model":"sparse"}"#),
        ] {
            let answer = try await server().post(path, body)
            let other = try await server().post(route, body)
            #expect(answer.status == 200 && answer.json == other.json, "\(answer.text)")
        }
        // The first model.
        #expect(try await server().post(path, #"{"query":"q","texts":["a"]}"#).json[0]?["score"]?.double == 2)
        #expect(try await server().post(path, #"{"inputs":"a"}"#)["error"]?.string?.contains("query") == true)
    }

    @Test func whatItDidIsCounted() async throws {
        let server = try TestServer()
        _ = try await server.post("/", #"{"inputs":"a"}"#)
        let heads = try self.server()
        let before = heads.metric(#"te_request_count{method="predict"}"#) ?? 0
        _ = try await heads.post("/invocations", #"{"inputs":"a b","model":"classifier"}"#)
        #expect(server.metric(#"te_request_count{method="embed"}"#) == 1)
        #expect(heads.metric(#"te_request_count{method="predict"}"#) ?? 0 > before)
    }

    /// The limits of a request hold for all of its instances together.
    @Test func textsOfAllInstancesAreCounted() async throws {
        let server = try TestServer { $0.maxClientBatch = 3 }
        let many = try await server.post(
            "/vertex", #"{"instances":[{"inputs":["a","b"]},{"inputs":["c","d"]}]}"#)
        #expect(
            many.status == 422 && many["error"]?.string?.hasPrefix("instances have 4 texts together") == true,
            "\(many.text)")
        // Also those in the parameters of each.
        let inner = try await server.post(
            "/vertex",
            #"{"instances":[{"parameters":{"inputs":["a","b"]}},{"parameters":{"inputs":["c","d"]}}]}"#)
        #expect(
            inner.status == 422
                && inner["error"]?.string?.hasPrefix("instances have 4 texts together") == true,
            "\(inner.text)")
        // A list of token ids is one text.
        let few = try await server.post(
            "/vertex", #"{"instances":[{"inputs":["a","b"]},{"inputs":[101,4937]}]}"#)
        #expect(few.status == 200, "\(few.text)")
        let heads = try TestServer.heads(clientBatch: 2)
        for (body, status) in [
            (#"{"instances":[{"inputs":["a","b"]},{"inputs":["a","b"]}],"model":"classifier"}"#, 200),
            (#"{"instances":[{"inputs":[["a"],["b"]]},{"inputs":"a"}],"model":"classifier"}"#, 422),
            (
                #"{"instances":[{"query":"q","texts":["a","b"]},{"query":"q","texts":["a"]}],"model":"reranker"}"#,
                422
            ),
        ] {
            let answer = try await heads.post("/vertex", body)
            #expect(answer.status == status, "\(answer.text)")
        }
    }

    @Test func resultsOfAllInstancesAreCounted() async throws {
        let server = try TestServer { $0.maxResponseBytes = 2 * 384 * 4 }
        #expect(
            try await server.post("/vertex", #"{"instances":[{"inputs":"a"},{"inputs":"b"}]}"#).status == 200)
        let large = try await server.post(
            "/vertex", #"{"instances":[{"inputs":"a"},{"inputs":"b"},{"inputs":"c"}]}"#)
        #expect(
            large.status == 422 && large["error"]?.string?.contains("the result has 1152 numbers") == true,
            "\(large.text)")
    }

    /// Many small requests are no small request.
    @Test func severalInstancesAreBulk() async throws {
        let server = try TestServer()
        try await server.core.store.load(nil)
        let model = try #require(server.core.store.loadedModels.first)
        server.holdTexts()
        let queue = server.core.queue
        async let answer = server.post("/vertex", #"{"instances":[{"inputs":"a"},{"inputs":"b"}]}"#)
        while queue.depth.waitingTexts != 2 { await Task.yield() }
        _ = try queue.submit([text(1000)], to: model, FakeModel.reading)
        let turn = try #require(queue.nextAssignment(thread: 0))
        #expect(turn.batch?.jobs.map(\.text.ids) == [[1000]])
        queue.perform(turn)
        queue.close()
        while let turn = queue.nextAssignment(thread: 0) { queue.perform(turn) }
        #expect(try await answer.status == 200)
    }

    @Test func instancesThatAreCutAreNamedUpToALimit() async throws {
        let server = try TestServer { $0.compute.maxTokens = 4 }
        let instances = Array(repeating: #"{"inputs":"a b c d e"}"#, count: 120).joined(separator: ",")
        let answer = try await server.post("/vertex", #"{"instances":[\#(instances)]}"#)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.header("x-truncated-inputs")?.split(separator: ",").count == 100)
        #expect(server.metric("martlet_truncated_texts_total") == 120)
    }

    /// Requests that wait at the same time wait once.
    @Test func timesOfInstancesAreNotAdded() {
        var all = CallRecord.Values()
        for (queued, computed) in [(5, 1), (3, 9)] as [(UInt64, UInt64)] {
            var one = CallRecord.Values()
            (one.queued, one.computed, one.lengths, one.operation) = (queued, computed, [3], .rerank)
            all.merge(one)
        }
        #expect(all.queued == 5 && all.computed == 9 && all.tokens == 6 && all.operation == .rerank)
    }

    @Test func instancesAreAnsweredInOrder() async throws {
        let shared = try TestServer.shared.get()
        let answer = try await shared.post(
            "/vertex", #"{"instances":[{"inputs":"a cat"},{"inputs":["a dog","a cow"]},{"inputs":"a cat"}]}"#)
        let vectors = try expected(["a cat", "a dog", "a cow"])
        let predictions = try #require(answer["predictions"]?.array)
        #expect(
            predictions.map { $0.array?.compactMap(\.floats) } == [
                [vectors[0]], [vectors[1], vectors[2]], [vectors[0]],
            ])
        #expect(answer.header("x-compute-tokens") == "16")
        let scores = try await server().post(
            "/vertex", #"{"instances":[{"inputs":"a b"}],"model":"classifier"}"#)
        #expect(scores["predictions"]?[0]?[0]?["label"]?.string == "bad")
    }

    @Test(arguments: [
        ("{}", 422, "instances: expected a list"), (#"{"instances":[]}"#, 400, "cannot be empty"),
        (#"{"instances":[3]}"#, 422, "instances[0]: expected an object"),
        (#"{"instances":[{"inputs":"a"},{"inputs":3}]}"#, 422, "instances[1]: inputs: expected"),
    ])
    func errors(body: String, status: Int, message: String) async throws {
        let answer = try await TestServer.shared.get().post("/vertex", body)
        #expect(
            answer.status == status && answer["error"]?.string?.contains(message) == true, "\(answer.text)")
    }
}

#endif
