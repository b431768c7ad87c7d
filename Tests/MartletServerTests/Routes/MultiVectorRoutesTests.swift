#if Server

import HTTPTypes
import Martlet
import MartletJSON
import Testing

@testable import MartletServer

@Suite struct MultiVectorRoutesTests {
    private static let root =
        "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/Tests/Fixtures/multi/"
    private static let texts = ["a cat sat on the mat", "rivers, and lakes"]

    private func server(_ model: String) throws -> TestServer {
        try TestServer {
            $0.models.append(ModelEntry(path: Self.root + model))
            $0.compute.precision = .auto
        }
    }

    /// Vectors of most models have length 1 anyway.
    @Test func lengthOneMayBeAskedFor() async throws {
        let server = try server("colbert")
        let plain = try await server.post("/v1/multi-vector", #"{"input":"a cat"}"#)
        let asked = try await server.post(
            "/v1/multi-vector", #"{"input":"a cat","normalize":true,"truncate":true,"truncation":true}"#)
        #expect(asked.status == 200 && asked.json == plain.json, "\(asked.text.prefix(200))")
        let refused = try await server.post("/v1/multi-vector", #"{"input":"a cat","normalize":false}"#)
        #expect(refused.status == 400 && refused.text.contains("normalize"), "\(refused.text.prefix(200))")
    }

    @Test(arguments: ["colbert", "pylate", "multi-vector-encoder"], ["query", "document"])
    func vectorsAreThoseOfTheLibrary(model: String, role: String) async throws {
        let server = try server(model)
        let library = try MultiVectorEmbedder(modelAt: Self.root + model, configuration: .init(threads: 1))
        let vectors = try library.embedBlocking(Self.texts, as: role == "query" ? .query : .document)
        let body = #"{"input":["a cat sat on the mat",{"text":"rivers, and lakes"}],"input_type":"\#(role)"}"#
        let answer = try await server.post("/v1/multi-vector", body)
        #expect(
            answer.status == 200 && answer["object"]?.string == "list" && answer["model"]?.string == model,
            "\(answer.text.prefix(300))")
        #expect(answer["usage"]?["total_tokens"]?.int == vectors.usage.tokens)
        for index in Self.texts.indices {
            let rows = try #require(answer["data"]?[index]?["embeddings"]?.array)
            #expect(answer["data"]?[index]?["index"]?.int == index)
            #expect(
                rows.map(\.floats) == (0..<vectors[index].count).map { vectors[index].vectors[$0].values })
        }
        let other = try await server.post(
            "/v1/multi-embeddings", #"{"input":"a cat sat on the mat","embedding_type":"base64"}"#)
        let first = try #require(other["data"]?[0]?["embeddings"]?[0]?.string)
        var expected: [UInt8] = []
        Base64.append(
            try library.embedBlocking(["a cat sat on the mat"], as: .document)[0].vectors[0].values,
            to: &expected)
        #expect(first == String(decoding: expected, as: UTF8.self))
    }

    @Test func fewerDimensionsHaveLengthOne() async throws {
        let server = try server("colbert")
        let all =
            try await server.post("/v1/multi-vector", #"{"input":"a cat"}"#)["data"]?[0]?["embeddings"]?[0]?
            .floats ?? []
        let few =
            try await server.post("/v1/multi-vector", #"{"input":"a cat","dimensions":4}"#)["data"]?[0]?[
                "embeddings"]?[0]?.floats ?? []
        let length = all.prefix(4).reduce(0) { $0 + $1 * $1 }.squareRoot()
        #expect(few.count == 4 && zip(few, all).allSatisfy { abs($0 - $1 / length) < 1e-6 })
    }

    @Test(arguments: [
        ("{}", "input: expected a string"), (#"{"input":[]}"#, "empty list"),
        (#"{"input":"a","input_type":"passage"}"#, "input_type is"),
        (#"{"input":"a","dimensions":100000}"#, "dimensions is 100000"),
        (#"{"input":"a","model":"all-minilm"}"#, "not a vector for each token"),
        (#"{"input":"a","embedding_type":"binary"}"#, "embedding_type is"),
    ])
    func errors(body: String, message: String) async throws {
        let answer = try await server("colbert").post("/v1/multi-vector", body)
        #expect(
            answer.status == 400 && answer["message"]?.string?.contains(message) == true, "\(answer.text)")
    }

    @Test func otherRoutesSayWhatTheModelIs() async throws {
        let server = try server("colbert")
        #expect(try await server.post("/v1/embeddings", #"{"input":"a","model":"colbert"}"#).status == 400)
        #expect(try await server.post("/", #"{"inputs":"a","model":"colbert"}"#).status == 422)
        #expect(try await server.post("/v1/models/colbert/load", "")["capabilities"] == ["multi-vector"])
        #expect(
            try await server.post("/api/show", #"{"model":"colbert"}"#)["capabilities"] == ["multi-vector"])
    }
}

#endif
