import HTTPTypes
import Martlet
import MartletJSON
import Testing

@testable import MartletServer

/// The contracts of rerank, predict and sparse routes, over heads whose scores are known: the number of tokens.
@Suite struct RerankRoutesTests {
    private func server() throws -> TestServer { try TestServer.heads.get() }

    @Test func tei() async throws {
        let answer = try await server().post("/rerank", #"{"query":"q","texts":["a","a b c","a b"],"return_text":true}"#)
        #expect(answer.json.array?.compactMap { $0["index"]?.int } == [1, 2, 0])
        #expect(answer.json[0]?["text"]?.string == "a b c" && answer.json[0]?["score"]?.double == 3)
        let raw = try await server().post("/rerank", #"{"query":"q","texts":["a"],"raw_scores":true}"#)
        #expect(raw.json[0]?["score"]?.double == 4 && raw.json[0]?["text"] == nil)
    }

    @Test(arguments: ["/rerank", "/reranking", "/v1/rerank", "/v1/reranking", "/v2/rerank"]) func documents(path: String) async throws {
        let body = #"{"model":"reranker","query":"q","documents":["a",{"text":"a b c"},"a b"],"top_n":2}"#
        let answer = try await server().post(path, body)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer["results"]?.array?.compactMap { $0["index"]?.int } == [1, 2])
        #expect(answer["results"]?[0]?["relevance_score"]?.double == 3 && answer["results"]?[0]?["document"] == nil)
        #expect(answer["usage"]?["total_tokens"]?.int == 15 && answer["id"]?.string != nil && answer["model"]?.string == "reranker")
        #expect(answer["meta"]?["api_version"]?["version"]?.string == (path == "/v2/rerank" ? "2" : "1"))
    }

    @Test func documentsComeBackWhenAskedFor() async throws {
        let answer = try await server().post("/v1/rerank", #"{"query":"q","documents":["x y"],"return_documents":true}"#)
        #expect(answer["results"]?[0]?["document"]?["text"]?.string == "x y")
    }

    @Test func equalScoresKeepTheOrder() async throws {
        let answer = try await server().post("/v1/rerank", #"{"query":"q","documents":["a","b","c"],"top_n":0}"#)
        #expect(answer["results"]?.array?.isEmpty == true)
        let all = try await server().post("/v1/rerank", #"{"query":"q","documents":["a","b","c"]}"#)
        #expect(all["results"]?.array?.compactMap { $0["index"]?.int } == [0, 1, 2])
    }

    @Test(arguments: [
        (#"{"query":"q"}"#, "documents: expected a list"), (#"{"documents":["a"]}"#, "query: expected a string"),
        (#"{"query":"q","documents":[]}"#, "at least one"), (#"{"query":"q","documents":[1,2]}"#, "documents[0]: expected a string"),
        (#"{"query":"q","documents":123}"#, "expected a list"), (#"{"query":"q","documents":null}"#, "found nothing"),
        (#"{"query":"q","documents":["a"],"top_n":-1}"#, "top_n is -1"),
        (#"{"query":"q","documents":["a"],"model":"classifier"}"#, "no single score"),
    ])
    func errors(body: String, message: String) async throws {
        let answer = try await server().post("/v1/rerank", body)
        #expect(answer.status == 400 && answer["message"]?.string?.contains(message) == true, "\(answer.text)")
        let llama = try await server().post("/v1/reranking", body)
        #expect(llama.status == 400 && llama["error"]?["code"]?.int == 400)
    }

    @Test func predict() async throws {
        let one = try await server().post("/predict", #"{"inputs":"a b","model":"classifier"}"#)
        #expect(one.json.array?.compactMap { $0["label"]?.string } == ["bad", "good"] && one.json[0]?["score"]?.double == 2)
        let pair = try await server().post("/predict", #"{"inputs":["a","b"],"model":"classifier"}"#)
        #expect(pair.json == one.json)
        let batch = try await server().post("/predict", #"{"inputs":[["a"],["a","b"]],"model":"classifier","raw_scores":true}"#)
        #expect(batch.json.array?.compactMap { $0[0]?["score"]?.double } == [3, 4])
        for body in [#"{"inputs":[["a","b","c"]]}"#, #"{"inputs":[1]}"#, #"{"inputs":[[]]}"#, #"{"inputs":3}"#, "{}"] {
            #expect(try await server().post("/predict", body).status == 422)
        }
    }

    @Test func sparse() async throws {
        let answer = try await server().post("/embed_sparse", #"{"inputs":["cat","static","a cat"],"model":"sparse"}"#)
        #expect(answer.json[0]?[0]?["index"]?.int == 4937 && answer.json[0]?[0]?["value"]?.double == 1.5)
        #expect(answer.json[0]?[1]?["index"]?.int == 1 << 30 | 1 && answer.json[2]?[1]?["value"]?.double == 4)
        #expect(answer.json[1]?.array?.count == 1 && answer.json[1]?[0]?["index"]?.int == 7)
    }

    @Test func aModelThatCannotDoItSaysSo() async throws {
        let answer = try await server().post("/v1/embeddings", #"{"input":"a","model":"reranker"}"#)
        #expect(answer.status == 400 && answer["error"]?["code"]?.string == "wrong_model_type")
    }

    /// A real head, in company of a model that gives vectors: which is meant follows from the route.
    @Test func scoresAreThoseOfTheLibrary() async throws {
        let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/Tests/Fixtures/classifiers/"
        let server = try TestServer {
            $0.models += [ModelEntry(path: root + "bert-cross"), ModelEntry(path: root + "bert-labels")]
            $0.compute.precision = .auto
        }
        let documents = ["a cat sat", "the dog", "rivers and lakes of the north"]
        let reranker = try Reranker(modelAt: root + "bert-cross", .init(threads: 1))
        let scores = try reranker.scoresBlocking("a cat", documents, .init(activation: .sigmoid))
        let answer = try await server.post("/rerank", #"{"query":"a cat","texts":["a cat sat","the dog","rivers and lakes of the north"]}"#)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.json.array?.count == 3)
        for item in answer.json.array ?? [] {
            let index = try #require(item["index"]?.int)
            #expect(item["score"]?.double.map { Float($0) } == scores[index])
        }
        let raw = try reranker.scoresBlocking("a cat", documents, .init(activation: .raw))
        let llama = try await server.post(
            "/v1/rerank",
            #"{"query":"a cat","documents":["a cat sat","the dog","rivers and lakes of the north"],"raw_scores":true,"model":"bert-cross"}"#
        )
        let best = try #require(llama["results"]?[0])
        #expect(best["relevance_score"]?.double.map { Float($0) } == raw.max())
        #expect(!scores.contains(raw.max() ?? 0))

        let classifier = try Reranker(modelAt: root + "bert-labels", .init(threads: 1))
        let labels = try classifier.predictBlocking([.pair("a cat", "the dog")])[0].sorted { $0.score > $1.score }
        let predicted = try await server.post("/predict", #"{"inputs":["a cat","the dog"],"model":"bert-labels"}"#)
        #expect(predicted.json.array?.compactMap { $0["label"]?.string } == labels.map(\.label))
        #expect(predicted.json.array?.compactMap { $0["score"]?.double.map { Float($0) } } == labels.map(\.score))
        #expect(try await server.post("/embed", #"{"inputs":"a"}"#).json[0]?.array?.count == 384)
        let info = try await server.send(.get, "/info")
        #expect(info["model_type"]?["embedding"] != nil)
    }

    @Test func sparseVectorsAreThoseOfTheLibrary() async throws {
        let path = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/Tests/Fixtures/sparse/splade-bert"
        let server = try TestServer {
            $0.models.append(ModelEntry(path: path))
            $0.compute.precision = .auto
        }
        let model = try SparseEmbedder(modelAt: path, .init(threads: 1))
        let texts = ["a cat sat on the mat", "rivers"]
        let vectors = try model.embedBlocking(texts)
        let answer = try await server.post("/embed_sparse", #"{"inputs":["a cat sat on the mat","rivers"]}"#)
        #expect(answer.status == 200, "\(answer.text)")
        for index in texts.indices {
            #expect(answer.json[index]?.array?.compactMap { $0["index"]?.int } == vectors[index].indices)
            #expect(answer.json[index]?.array?.compactMap { $0["value"]?.double.map { Float($0) } } == vectors[index].values)
        }
        #expect(try await server.post("/embed", #"{"inputs":"a","model":"splade-bert"}"#).status == 422)
    }
}
