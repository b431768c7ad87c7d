import HTTPTypes
import Martlet
import MartletJSON
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

    @Test func instancesAreAnsweredInOrder() async throws {
        let shared = try TestServer.shared.get()
        let answer = try await shared.post(
            "/vertex", #"{"instances":[{"inputs":"a cat"},{"inputs":["a dog","a cow"]},{"inputs":"a cat"}]}"#)
        let vectors = try expected(["a cat", "a dog", "a cow"])
        let predictions = try #require(answer["predictions"]?.array)
        #expect(predictions.map { $0.array?.compactMap(\.floats) } == [[vectors[0]], [vectors[1], vectors[2]], [vectors[0]]])
        #expect(answer.header("x-compute-tokens") == "16")
        let scores = try await server().post("/vertex", #"{"instances":[{"inputs":"a b"}],"model":"classifier"}"#)
        #expect(scores["predictions"]?[0]?[0]?["label"]?.string == "bad")
    }

    @Test(arguments: [
        ("{}", 422, "instances: expected a list"), (#"{"instances":[]}"#, 400, "cannot be empty"),
        (#"{"instances":[3]}"#, 422, "instances[0]: expected an object"),
        (#"{"instances":[{"inputs":"a"},{"inputs":3}]}"#, 422, "instances[1]: inputs: expected"),
    ])
    func errors(body: String, status: Int, message: String) async throws {
        let answer = try await TestServer.shared.get().post("/vertex", body)
        #expect(answer.status == status && answer["error"]?.string?.contains(message) == true, "\(answer.text)")
    }
}
