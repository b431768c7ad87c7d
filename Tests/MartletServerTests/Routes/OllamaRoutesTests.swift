#if Server

import HTTPTypes
import Martlet
import MartletJSON
import MartletMiniLM
import Testing

@testable import MartletServer

@Suite struct OllamaRoutesTests {
    private func server() throws -> TestServer { try TestServer.shared.get() }

    @Test func embed() async throws {
        let answer = try await server().post(
            "/api/embed", #"{"model":"all-minilm:latest","input":["a cat","a dog"],"options":{"num_ctx":64}}"#
        )
        let vectors = try expected(["a cat", "a dog"])
        #expect(answer["model"]?.string == "all-minilm:latest" && answer["prompt_eval_count"]?.int == 8)
        #expect(
            answer["embeddings"]?[0]?.floats == vectors[0] && answer["embeddings"]?[1]?.floats == vectors[1])
        #expect(answer["total_duration"]?.int ?? 0 > 0 && answer["load_duration"]?.int != nil)
    }

    @Test func emptyInputsGiveNoVectors() async throws {
        for body in [#"{"model":"all-minilm","input":[]}"#, #"{"model":"all-minilm"}"#] {
            let answer = try await server().post("/api/embed", body)
            #expect(answer.status == 200 && answer["embeddings"]?.array?.isEmpty == true)
        }
        let blank = try await server().post("/api/embed", #"{"model":"all-minilm","input":""}"#)
        #expect(blank["embeddings"]?.array?.count == 1)
    }

    /// Whatever a known model is called, here or by Ollama.
    @Test(arguments: [
        "all-MiniLM-L6-v2", "ALL-MINILM:latest", "all-minilm:22m", "all-minilm:l6-v2",
        "sentence-transformers/all-MiniLM-L6-v2",
        "all-minilm-l6-v2:latest",
    ])
    func everyNameIsTheModel(name: String) async throws {
        let plain = try TestServer { $0.models = [ModelEntry(name: "all-MiniLM-L6-v2", source: .miniLM)] }
        #expect(try await plain.post("/api/show", "{\"model\":\"\(name)\"}").status == 200)
        #expect(
            try await plain.send(.get, "/v1/models/\(name.replacing("/", with: "%2F"))")["id"]
                == "all-MiniLM-L6-v2")
    }

    @Test(arguments: ["all-minilm:33m", "other/all-MiniLM-L6-v2", "all-minilm:l12-v2"])
    func otherNamesAreNot(name: String) async throws {
        #expect(try await server().post("/api/show", "{\"model\":\"\(name)\"}").status == 404)
    }

    @Test func numCtxIsALimit() async throws {
        let words = Array(repeating: "word", count: 20).joined(separator: " ")
        func body(_ more: String) -> String {
            #"{"model":"all-minilm","input":"\#(words)","options":{"num_ctx":10}\#(more)}"#
        }
        let cut = try await server().post("/api/embed", body(""))
        #expect(cut["prompt_eval_count"] == 10 && cut["truncated"] == [0])
        #expect(
            cut["embeddings"]?[0]?.floats
                == (try expected([Array(repeating: "word", count: 8).joined(separator: " ")])[0]))
        let refused = try await server().post("/api/embed", body(#","truncate":false"#))
        #expect(
            refused.status == 400
                && refused["error"]?.string?.contains("the input length exceeds the context length") == true)
        #expect(
            try await server().post("/api/embed", #"{"model":"all-minilm","options":{"num_ctx":0}}"#).status
                == 400)
    }

    @Test func zeroDimensionsAreAll() async throws {
        let all = try await server().post("/api/embed", #"{"model":"all-minilm","input":"a","dimensions":0}"#)
        #expect(all["embeddings"]?[0]?.array?.count == 384)
        let few = try await server().post("/api/embed", #"{"model":"all-minilm","input":"a","dimensions":3}"#)
        #expect(few["embeddings"]?[0]?.floats == (try expected(["a"], .init(dimensions: 3))[0]))
    }

    @Test func theLegacyRouteDoesNotNormalize() async throws {
        let answer = try await server().post("/api/embeddings", #"{"model":"all-minilm","prompt":"a cat"}"#)
        #expect(answer["embedding"]?.floats == (try expected(["a cat"], .init(normalize: false))[0]))
        #expect(
            try await server().post("/api/embeddings", #"{"model":"all-minilm"}"#)["embedding"]?.array?
                .isEmpty == true)
    }

    @Test func models() async throws {
        let tags = try await server().send(.get, "/api/tags")
        #expect(
            tags["models"]?[0]?["name"] == "all-MiniLM-L6-v2:latest"
                && tags["models"]?[0]?["model"] == "all-MiniLM-L6-v2:latest")
        let digest = try #require(tags["models"]?[0]?["digest"]?.string)
        #expect(digest.utf8.count == 64 && digest.allSatisfy(\.isHexDigit))
        _ = try await server().post("/api/embed", #"{"model":"all-minilm"}"#)
        let show = try await server().post("/api/show", #"{"model":"all-minilm"}"#)
        #expect(
            show["model_info"]?["general.architecture"]?.string == "bert"
                && show["details"]?["parameter_size"]?.string == "22.6M")
        #expect(
            show["model_info"]?["bert.embedding_length"]?.int == 384
                && show["capabilities"]?[0]?.string == "embedding")
        let running = try await server().send(.get, "/api/ps")
        #expect(
            running["models"]?[0]?["context_length"]?.int == 256
                && running["models"]?[0]?["digest"]?.string == digest)
        #expect(try await server().send(.get, "/api/version")["version"]?.string == "0.1.0")
    }

    @Test(arguments: [
        (#"{"input":"a"}"#, 400, "model: expected a string, found nothing"),
        (#"{"model":"x","input":"a"}"#, 404, "model 'x' not found; this server has"),
        (#"{"model":"all-minilm","input":[1]}"#, 400, "invalid input type"),
        (#"{"model":"all-minilm","input":{}}"#, 400, "invalid input type"),
        (#"{"model":"all-minilm","input":"a","keep_alive":"soon"}"#, 400, "keep_alive"),
        (#"{"model":"all-minilm","input_type":"verse"}"#, 400, "input_type is"),
        (#"{"model":"all-minilm","dimensions":-1}"#, 400, "dimensions is -1"),
        (#"{"model":"all-minilm","input":"a","truncate":"no"}"#, 400, "truncate: expected true or false"),
    ])
    func errors(body: String, status: Int, message: String) async throws {
        let answer = try await server().post("/api/embed", body)
        #expect(
            answer.status == status && answer["error"]?.string?.contains(message) == true,
            "\(answer.status) \(answer.text)")
    }

    @Test func keepAliveZeroUnloadsAndTheNextRequestLoads() async throws {
        let server = try TestServer()
        _ = try await server.post("/api/embed", #"{"model":"all-minilm","input":"a","keep_alive":0}"#)
        #expect(server.core.store.loadedModels.isEmpty)
        let again = try await server.post(
            "/api/embed", #"{"model":"all-minilm","input":"a","keep_alive":"5m"}"#)
        #expect(
            again.status == 200 && again["load_duration"]?.int ?? 0 > 0
                && server.core.store.loadedModels.count == 1)
    }

    @Test(arguments: [
        ("90", 90), ("5m", 300), ("1h30m", 5400), ("-1", -1), ("-5m", -1), ("500ms", 0), ("1.5h", 5400),
        ("", nil), ("x", nil), ("5", 5),
        ("5x", nil),
    ])
    func durations(text: String, seconds: Int?) { #expect(Duration.seconds(text) == seconds) }

    @Test func pullingAndDeletingAreForServersThatAllowIt() async throws {
        let here = try await server().post("/api/pull", #"{"model":"all-minilm"}"#)
        #expect(
            here.status == 200 && here.text == "{\"status\":\"success\"}\n"
                && here.header("content-type") == "application/x-ndjson")
        let pull = try await server().post("/api/pull", #"{"model":"org/repo"}"#)
        #expect(pull.status == 403 && pull["error"]?.string?.contains("--hub") == true)
        #expect(try await server().send(.delete, "/api/delete", #"{"model":"org/repo"}"#).status == 403)
        let open = try TestServer { $0.servesHub = true }
        for name in ["all-minilm", "All-MiniLM-L6-v2:latest", "sentence-transformers/all-MiniLM-L6-v2"] {
            let refused = try await open.send(.delete, "/api/delete", #"{"model":"\#(name)"}"#)
            #expect(
                refused.status == 403 && refused["error"]?.string?.contains("inside the program") == true,
                "\(refused.text)")
        }
        #expect(open.core.store.names == ["all-MiniLM-L6-v2"])
        #expect(try await open.send(.delete, "/api/delete", #"{"model":"martlet-tests/none"}"#).status == 404)
        #expect(try await open.post("/api/pull", #"{"model":"no such name","stream":false}"#).status == 400)
        let stream = try await open.post("/api/pull", #"{"model":"no such name"}"#)
        #expect(
            stream.status == 200 && stream.text.split(separator: "\n").last?.hasPrefix("{\"error\":") == true)
        #expect(
            try await open.post("/api/embed", #"{"model":"martlet-tests/none","input":"a"}"#).status == 404)
    }
}

#endif
