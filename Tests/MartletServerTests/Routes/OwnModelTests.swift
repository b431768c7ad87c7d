#if Server

import Martlet
import MartletJSON
import MartletTestSupport
import Testing

@testable import MartletServer

/// A model of a user's own.
private struct LetterCounts: EmbeddingModel {
    let identity = ModelIdentity(
        space: VectorSpace(model: "letter-counts", weights: "letter-counts:1", dimensions: 3),
        computation: Computation(precision: "f32", device: "cpu"))
    let limits = InputLimits(maxTexts: 2)

    func embed(_ texts: [String], as role: TextRole?, options: EmbedOptions) async throws -> Embeddings {
        guard texts.count <= 2 else { throw MartletError(.invalidInput, "more than two texts") }
        if let index = texts.firstIndex(of: "bad") {
            throw MartletError(.invalidInput, text: index, "is bad")
        }
        let floats = texts.flatMap { text in "abc".map { letter in Float(text.count { $0 == letter }) } }
        return try Embeddings(
            floats: floats, dimensions: 3, usage: Usage(tokens: texts.count), identity: identity)
    }
}

@Suite struct OwnModelTests {
    private let fixtures =
        "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/Tests/Fixtures"

    @Test func aModelOfTheUsersOwnIsServed() async throws {
        let server = try TestServer { $0.models = [ModelEntry(name: "letters", model: LetterCounts())] }
        let answer = try await server.post(
            "/v1/embeddings", #"{"model":"letters","input":["abacus","cab","b"]}"#)
        #expect(answer.status == 200, "\(answer.text)")
        let rows = answer["data"]?.array?.map { $0["embedding"]?.array?.compactMap(\.double) }
        #expect(rows == [[2, 1, 1], [1, 1, 1], [0, 1, 0]])
        #expect(answer["usage"]?["total_tokens"]?.int == 3)
        let wrong = try await server.post("/v1/embeddings", #"{"input":["a","b","bad"]}"#)
        #expect(
            wrong.status == 400 && wrong.text.contains("input[2]") && wrong.text.contains("is bad"),
            "\(wrong.text)")
        let tokens = try await server.post("/tokenize", #"{"inputs":"a"}"#)
        #expect(tokens.status >= 400, "\(tokens.text)")
    }

    @Test func aModelInTheContextOfACorpusIsServed() async throws {
        let folder = try TemporaryFolder()
        let sample = ["zopa balo", "tuka", "balo tuka zuge"]
        let path = try folder.file("sample.txt", sample.joined(separator: "\n") + "\n")
        let embedder = try ContextualEmbedder(
            modelAt: "\(fixtures)/contextual/cde", configuration: .init(threads: 2, precision: .f32))
        let expected = try await embedder.model(in: embedder.corpus(sample)).embed(
            ["zuge", "balo"], as: .query, options: EmbedOptions(normalize: true))
        let server = try TestServer {
            $0.models = [ModelEntry(path: "\(fixtures)/contextual/cde", name: "cde")]
            $0.corpusSample = path
        }
        let answer = try await server.post(
            "/v1/embeddings", #"{"input":["zuge","balo"],"input_type":"query"}"#)
        #expect(answer.status == 200, "\(answer.text)")
        let rows = answer["data"]?.array?.map {
            $0["embedding"]?.array?.compactMap { $0.double.map { Float($0) } } ?? []
        }
        #expect(rows == expected.map(\.values))
        let without = try TestServer {
            $0.models = [ModelEntry(path: "\(fixtures)/contextual/cde", name: "cde")]
        }
        let refused = try await without.post("/v1/embeddings", #"{"input":"zuge"}"#)
        #expect(refused.status >= 500 && refused.text.contains("corpus-sample"), "\(refused.text)")
    }

    @Test func aRequestChoosesTheTask() async throws {
        let path = "\(fixtures)/tasks/jina-v3"
        let server = try TestServer { $0.models = [ModelEntry(path: path, name: "jina")] }
        for task in ["retrieval.query", "text-matching"] {
            let embedder = try Embedder(
                modelAt: path, configuration: .init(threads: 2, precision: .f32, task: task))
            let expected = try await embedder.embed("zuge")
            let answer = try await server.post(
                "/v1/embeddings", #"{"model":"jina","input":"zuge","task":"\#(task)"}"#)
            #expect(answer.status == 200, "\(answer.text)")
            let row = answer["data"]?[0]?["embedding"]?.array?.compactMap { $0.double.map { Float($0) } }
            #expect(row == expected.values, "\(task)")
        }
        // A task that says nothing about the role keeps the role that another member names.
        let matching = try Embedder(
            modelAt: path, configuration: .init(threads: 2, precision: .f32, task: "text-matching"))
        let query = try await matching.embed("zuge", as: .query)
        #expect(try await matching.embed("zuge").values != query.values)
        for (route, body) in [
            (
                "/v1/embeddings",
                #"{"model":"jina","input":"zuge","task":"text-matching","input_type":"query"}"#
            ),
            ("/api/embed", #"{"model":"jina","input":"zuge","task":"text-matching","input_type":"query"}"#),
        ] {
            let answer = try await server.post(route, body)
            let row = answer["data"]?[0]?["embedding"] ?? answer["embeddings"]?[0]
            #expect(row?.floats == query.values, "\(route): \(answer.text.prefix(200))")
        }
        let wrong = try await server.post(
            "/v1/embeddings", #"{"model":"jina","input":"zuge","task":"cooking"}"#)
        #expect(wrong.status == 400 && wrong.text.contains("retrieval.query"), "\(wrong.text)")
        // A model without tasks takes Jina's names as roles, as before.
        let plain = try await TestServer.shared.get().post(
            "/v1/embeddings", #"{"input":"a","task":"retrieval.query"}"#)
        #expect(plain.status == 200)
    }
}

#endif
