#if Server

import HTTPTypes
import Martlet
import MartletJSON
import MartletMiniLM
import Testing

@testable import MartletServer

/// The contracts of rerank, predict and sparse routes, over heads whose scores are known: the number of
/// tokens.
@Suite struct RerankRoutesTests {
    private func server() throws -> TestServer { try TestServer.heads.get() }

    @Test func tei() async throws {
        let answer = try await server().post(
            "/rerank", #"{"query":"q","texts":["a","a b c","a b"],"return_text":true}"#)
        #expect(answer.json.array?.compactMap { $0["index"]?.int } == [1, 2, 0])
        #expect(answer.json[0]?["text"]?.string == "a b c" && answer.json[0]?["score"]?.double == 3)
        let raw = try await server().post("/rerank", #"{"query":"q","texts":["a"],"raw_scores":true}"#)
        #expect(raw.json[0]?["score"]?.double == 4 && raw.json[0]?["text"] == nil)
    }

    @Test(arguments: ["/rerank", "/reranking", "/v1/rerank", "/v1/reranking", "/v2/rerank"]) func documents(
        path: String
    ) async throws {
        let body = #"{"model":"reranker","query":"q","documents":["a",{"text":"a b c"},"a b"],"top_n":2}"#
        let answer = try await server().post(path, body)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer["results"]?.array?.compactMap { $0["index"]?.int } == [1, 2])
        #expect(
            answer["results"]?[0]?["relevance_score"]?.double == 3
                && answer["results"]?[0]?["document"] == nil)
        #expect(
            answer["usage"]?["total_tokens"]?.int == 15 && answer["id"]?.string != nil
                && answer["model"]?.string == "reranker")
        #expect(answer["meta"]?["api_version"]?["version"]?.string == (path == "/v2/rerank" ? "2" : "1"))
    }

    @Test func documentsComeBackWhenAskedFor() async throws {
        let answer = try await server().post(
            "/v1/rerank", #"{"query":"q","documents":["x y"],"return_documents":true}"#)
        #expect(answer["results"]?[0]?["document"]?["text"]?.string == "x y")
    }

    /// A query is read with each document.
    @Test func longQueriesForManyDocumentsAreRefused() async throws {
        let server = try TestServer(
            {
                $0.models = [ModelEntry(name: "reranker", source: .miniLM)]
                $0.maxRequestBytes = 400
            }, loader: Self.reranker)
        let query = String(repeating: "a ", count: 80)
        func body(_ documents: Int) -> String {
            #"{"query":"\#(query)","documents":[\#(Array(repeating: "\"b\"", count: documents).joined(separator: ","))]}"#
        }
        #expect(try await server.post("/v1/rerank", body(10)).status == 200)
        let refused = try await server.post("/v1/rerank", body(11))
        #expect(refused.status == 400, "\(refused.text)")
        #expect(
            refused["message"]?.string?.hasPrefix("query has 160 bytes and is read with each of 11 documents")
                == true)
    }

    @Test func equalScoresKeepTheOrder() async throws {
        let answer = try await server().post(
            "/v1/rerank", #"{"query":"q","documents":["a","b","c"],"top_n":0}"#)
        #expect(answer["results"]?.array?.isEmpty == true)
        let all = try await server().post("/v1/rerank", #"{"query":"q","documents":["a","b","c"]}"#)
        #expect(all["results"]?.array?.compactMap { $0["index"]?.int } == [0, 1, 2])
    }

    @Test(arguments: [
        (#"{"query":"q"}"#, "documents: expected a list"),
        (#"{"documents":["a"]}"#, "query: expected a string"),
        (#"{"query":"q","documents":[]}"#, "at least one"),
        (#"{"query":"q","documents":[1,2]}"#, "documents[0]: expected a string"),
        (#"{"query":"q","documents":123}"#, "expected a list"),
        (#"{"query":"q","documents":null}"#, "found nothing"),
        (#"{"query":"q","documents":["a"],"top_n":-1}"#, "top_n is -1"),
        (#"{"query":"q","documents":["a"],"model":"classifier"}"#, "no single score"),
    ])
    func errors(body: String, message: String) async throws {
        let answer = try await server().post("/v1/rerank", body)
        #expect(
            answer.status == 400 && answer["message"]?.string?.contains(message) == true, "\(answer.text)")
        let llama = try await server().post("/v1/reranking", body)
        #expect(llama.status == 400 && llama["error"]?["code"]?.int == 400)
    }

    /// On the path that TEI and llama.cpp share, members tell whose client it is, for errors as well.
    @Test func errorsAreThoseOfTheClient() async throws {
        for body in [
            #"{"query":"a","documents":[1,2]}"#, #"{"query":"a","documents":null}"#,
            #"{"query":"a","documents":[]}"#,
        ] {
            let answer = try await server().post("/rerank", body)
            #expect(answer.status == 400 && answer["error"]?["code"]?.int == 400, "\(answer.text)")
            #expect(answer["error"]?["type"]?.string == "invalid_request_error")
        }
        let tei = try await server().post("/rerank", #"{"query":"a","texts":[1]}"#)
        #expect(tei.status == 422 && tei["error_type"]?.string == "Validation")
    }

    @Test(arguments: [
        ("/v2/rerank", "max_tokens_per_doc"), ("/v1/rerank", "max_tokens_per_doc"),
        ("/v1/rerank", "max_doc_length"),
    ])
    func documentsAreReadUpToALimit(path: String, member: String) async throws {
        let body = #"{"query":"q","documents":["a b c d e","a b"],"raw_scores":true"#
        let cut = try await server().post(path, body + #","\#(member)":3}"#)
        // [CLS] q and three tokens or two [SEP]
        #expect(cut["results"]?.array?.compactMap { $0["relevance_score"]?.double } == [6, 5], "\(cut.text)")
        #expect(cut["truncated"] == [0] && cut.header("x-truncated-inputs") == "0")
        let whole = try await server().post(path, body + "}")
        #expect(whole["results"]?[0]?["relevance_score"]?.double == 8 && whole["truncated"] == nil)
        #expect(try await server().post(path, body + #","\#(member)":0}"#).status == 400)
    }

    /// Voyage calls the results `data`, and its documents are strings, as infinity's are.
    @Test func voyagesAndInfinitysForms() async throws {
        let voyage = try await server().post(
            "/v1/rerank",
            #"{"query":"q","documents":["a","b c"],"top_k":1,"truncation":true,"return_documents":true}"#)
        #expect(voyage["data"]?.array?.count == 1 && voyage["results"] == nil, "\(voyage.text)")
        #expect(voyage["data"]?[0]?["document"] == "b c" && voyage["usage"]?["total_tokens"]?.int ?? 0 > 0)
        let all = try await server().post(
            "/v1/rerank", #"{"query":"q","documents":["a","b c"],"top_k":null}"#)
        #expect(all["data"]?.array?.count == 2)
        let infinity = try await server().post(
            "/rerank", #"{"query":"q","documents":["a","b c"],"return_documents":true}"#)
        #expect(infinity["object"] == "rerank" && infinity["results"]?[0]?["document"] == "b c")
        #expect(infinity["created"]?.int ?? 0 > 0)
        let llama = try await server().post("/rerank", #"{"query":"q","documents":["a","b c"]}"#)
        #expect(llama["object"] == "list" && llama["created"] == nil)
    }

    /// Other servers' names for its members do not change the form of Cohere's answer.
    @Test func cohereKeepsItsForm() async throws {
        let answer = try await server().post(
            "/v2/rerank",
            #"{"query":"q","documents":["a","b c"],"top_k":1,"truncation":true,"max_doc_length":9}"#)
        #expect(answer.status == 200 && answer["results"]?.array?.count == 1, "\(answer.text)")
    }

    /// Jina's default is to return them, that of Cohere, llama.cpp and infinity not to.
    @Test func documentsComeBackOnlyWhenAskedFor() async throws {
        let server = try TestServer(
            { $0.models = [ModelEntry(name: "jina-reranker", source: .miniLM)] }, loader: Self.reranker)
        let answer = try await server.post(
            "/v1/rerank", #"{"query":"q","documents":["x y"],"model":"jina-reranker"}"#)
        #expect(answer.status == 200 && answer["results"]?[0]?["document"] == nil)
    }

    private static let reranker: ModelStore.Loader = {
        (entry: ModelEntry) throws(MartletError) -> ServedModel in
        let embedder = try Embedder(entry.source, configuration: .init(threads: 1, precision: .f32))
        return ServedModel(
            name: entry.name, info: embedder.model, engine: embedder.engine,
            part: .scores(FakeScorer(engine: embedder.engine)), threads: 2,
            loadDuration: 1)
    }

    @Test func predict() async throws {
        let one = try await server().post("/predict", #"{"inputs":"a b","model":"classifier"}"#)
        #expect(
            one.json.array?.compactMap { $0["label"]?.string } == ["bad", "good"]
                && one.json[0]?["score"]?.double == 2)
        let pair = try await server().post("/predict", #"{"inputs":["a","b"],"model":"classifier"}"#)
        #expect(pair.json == one.json)
        let batch = try await server().post(
            "/predict", #"{"inputs":[["a"],["a","b"]],"model":"classifier","raw_scores":true}"#)
        #expect(batch.json.array?.compactMap { $0[0]?["score"]?.double } == [3, 4])
        for body in [
            #"{"inputs":[["a","b","c"]]}"#, #"{"inputs":[1]}"#, #"{"inputs":[[]]}"#, #"{"inputs":3}"#, "{}",
        ] {
            #expect(try await server().post("/predict", body).status == 422)
        }
    }

    @Test func sparse() async throws {
        let answer = try await server().post(
            "/embed_sparse", #"{"inputs":["cat","static","a cat"],"model":"sparse"}"#)
        #expect(answer.json[0]?[0]?["index"]?.int == 4937 && answer.json[0]?[0]?["value"]?.double == 1.5)
        #expect(answer.json[0]?[1]?["index"]?.int == 1 << 30 | 1 && answer.json[2]?[1]?["value"]?.double == 4)
        #expect(answer.json[1]?.array?.count == 1 && answer.json[1]?[0]?["index"]?.int == 7)
    }

    @Test func whatModelsAreForIsTold() async throws {
        for name in ["reranker", "classifier", "sparse"] {
            _ = try await server().post("/v1/models/\(name)/load", "")
        }
        let models = try await server().send(.get, "/v1/models")
        #expect(models["data"]?.array?.map { $0["capabilities"] } == [["rerank"], ["classify"], ["sparse"]])
        let tags = try await server().send(.get, "/api/tags")
        #expect(tags["models"]?.array?.map { $0["capabilities"] } == [["rerank"], ["classify"], ["sparse"]])
        #expect(try await server().post("/api/show", #"{"model":"reranker"}"#)["capabilities"] == ["rerank"])
        // Not known before the files were read.
        let fresh = try TestServer { $0.models.append(ModelEntry(path: "/nonexistent/model")) }
        #expect(try await fresh.send(.get, "/v1/models")["data"]?[0]?["capabilities"] == nil)
        let path =
            "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
            + "/Tests/Fixtures/classifiers/bert-cross"
        let real = try TestServer { $0.models = [ModelEntry(path: path)] }
        let model = try await real.post("/v1/models/bert-cross/load", "")
        #expect(
            model["capabilities"] == ["rerank"] && model["dimensions"] == nil
                && model["max_tokens"]?.int ?? 0 > 0)
    }

    /// BM25 counts words: no file, no encoder, no token ids.
    @Test func infoTellsTheKind() async throws {
        let info = try await server().send(.get, "/info")
        #expect(info["model_type"]?["reranker"]?["id2label"]?["0"]?.string == "score")
        let words = try TestServer { $0.models = [ModelEntry(path: "bm25")] }
        #expect(
            try await words.send(.get, "/info")["model_type"]?["embedding"]?["pooling"]?.string == "splade")
    }

    @Test func wordsAreCountedWithoutAnEncoder() async throws {
        let server = try TestServer { $0.models.append(ModelEntry(path: "bm25")) }
        let library = try SparseEmbedder(BM25(), threads: 1).embedBlocking([
            "the cat sat on the mat", "rivers",
        ])
        let answer = try await server.post(
            "/embed_sparse", #"{"inputs":["the cat sat on the mat","rivers"]}"#)
        #expect(answer.status == 200, "\(answer.text)")
        for index in 0..<2 {
            #expect(answer.json[index]?.array?.compactMap { $0["index"]?.int } == library[index].indices)
            #expect(
                answer.json[index]?.array?.compactMap { $0["value"]?.double.map { Float($0) } }
                    == library[index].values)
        }
        let query = try await server.post("/", #"{"inputs":"cats","input_type":"query","model":"bm25"}"#)
        #expect(query.json[0]?[0]?["value"]?.double == 1)
        #expect(
            try await server.post("/embed_sparse", #"{"inputs":[[1,2]],"model":"bm25"}"#)["error"]?.string?
                .contains("no token ids") == true
        )
        for (path, body) in [
            ("/tokenize", #"{"inputs":"a""#), ("/detokenize", #"{"tokens":[1]"#),
            ("/embed", #"{"inputs":"a""#),
        ] {
            let answer = try await server.post(path, body + #","model":"bm25"}"#)
            #expect([400, 422, 501].contains(answer.status), "\(path) \(answer.text)")
        }
    }

    @Test func manySparseVectorsAreBounded() async throws {
        let server = try TestServer(
            {
                $0.maxResponseBytes = 24; $0.models = [ModelEntry(name: "sparse", source: .miniLM)]
            },
            loader: { (entry: ModelEntry) throws(MartletError) -> ServedModel in
                let embedder = try Embedder(entry.source, configuration: .init(threads: 1, precision: .f32))
                return ServedModel(
                    name: entry.name, info: embedder.model, engine: embedder.engine,
                    part: .sparse(FakeSparseReader(engine: embedder.engine)), threads: 2, loadDuration: 1)
            })
        // Two weights a text, and one for "static".
        #expect(try await server.post("/embed_sparse", #"{"inputs":["cat","static"]}"#).status == 200)
        #expect(try await server.post("/embed_sparse", #"{"inputs":["cat","dog"]}"#).status == 422)
    }

    @Test func aModelThatCannotDoItSaysSo() async throws {
        let answer = try await server().post("/v1/embeddings", #"{"input":"a","model":"reranker"}"#)
        #expect(answer.status == 400 && answer["error"]?["code"]?.string == "wrong_model_type")
    }

    /// A real head, in company of a model that gives vectors: which is meant follows from the route.
    @Test func scoresAreThoseOfTheLibrary() async throws {
        let root =
            "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
            + "/Tests/Fixtures/classifiers/"
        let server = try TestServer {
            $0.models += [ModelEntry(path: root + "bert-cross"), ModelEntry(path: root + "bert-labels")]
            $0.compute.precision = .auto
        }
        let documents = ["a cat sat", "the dog", "rivers and lakes of the north"]
        let reranker = try Reranker(modelAt: root + "bert-cross", configuration: .init(threads: 1))
        let scores = try reranker.scoresBlocking(
            of: documents, for: "a cat", options: .init(activation: .sigmoid))
        let answer = try await server.post(
            "/rerank", #"{"query":"a cat","texts":["a cat sat","the dog","rivers and lakes of the north"]}"#)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.json.array?.count == 3)
        for item in answer.json.array ?? [] {
            let index = try #require(item["index"]?.int)
            #expect(item["score"]?.double.map { Float($0) } == scores[index])
        }
        let raw = try reranker.scoresBlocking(of: documents, for: "a cat", options: .init(activation: .raw))
        let llama = try await server.post(
            "/v1/rerank",
            #"{"query":"a cat","documents":["a cat sat","the dog","rivers and lakes of the north"],"raw_scores":true,"model":"bert-cross"}"#
        )
        let best = try #require(llama["results"]?[0])
        #expect(best["relevance_score"]?.double.map { Float($0) } == raw.max())
        #expect(!scores.contains(raw.max() ?? 0))

        let classifier = try Reranker(modelAt: root + "bert-labels", configuration: .init(threads: 1))
        let labels = try classifier.predictBlocking([.pair("a cat", "the dog")])[0].sorted {
            $0.score > $1.score
        }
        let predicted = try await server.post(
            "/predict", #"{"inputs":["a cat","the dog"],"model":"bert-labels"}"#)
        #expect(predicted.json.array?.compactMap { $0["label"]?.string } == labels.map(\.label))
        #expect(
            predicted.json.array?.compactMap { $0["score"]?.double.map { Float($0) } } == labels.map(\.score))
        #expect(try await server.post("/embed", #"{"inputs":"a"}"#).json[0]?.array?.count == 384)
        let info = try await server.send(.get, "/info")
        #expect(info["model_type"]?["embedding"] != nil)
    }

    @Test func sparseVectorsAreThoseOfTheLibrary() async throws {
        let path =
            "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
            + "/Tests/Fixtures/sparse/splade-bert"
        let server = try TestServer {
            $0.models.append(ModelEntry(path: path))
            $0.compute.precision = .auto
        }
        let model = try SparseEmbedder(modelAt: path, configuration: .init(threads: 1))
        let texts = ["a cat sat on the mat", "rivers"]
        let vectors = try model.embedBlocking(texts)
        let answer = try await server.post("/embed_sparse", #"{"inputs":["a cat sat on the mat","rivers"]}"#)
        #expect(answer.status == 200, "\(answer.text)")
        for index in texts.indices {
            #expect(answer.json[index]?.array?.compactMap { $0["index"]?.int } == vectors[index].indices)
            #expect(
                answer.json[index]?.array?.compactMap { $0["value"]?.double.map { Float($0) } }
                    == vectors[index].values)
        }
        #expect(try await server.post("/embed", #"{"inputs":"a","model":"splade-bert"}"#).status == 422)
    }
}

#endif
