#if Server

import HTTPTypes
import Martlet
import MartletJSON
import Testing

@testable import MartletServer

@Suite struct OpenAIRoutesTests {
    private func server() throws -> TestServer { try TestServer.shared.get() }

    @Test func vectorsHaveTheLibrarysBits() async throws {
        let texts = ["a cat", "The quick brown fox jumps over the lazy dog.", ""]
        let answer = try await server().post("/v1/embeddings", #"{"input":["a cat","The quick brown fox jumps over the lazy dog.",""]}"#)
        #expect(answer.status == 200 && answer.header("content-type") == "application/json")
        let vectors = try expected(texts)
        for index in texts.indices {
            let item = answer["data"]?[index]
            #expect(item?["index"]?.int == index && item?["object"]?.string == "embedding")
            #expect(item?["embedding"]?.floats == vectors[index])
        }
        #expect(answer["model"]?.string == "all-MiniLM-L6-v2" && answer["object"]?.string == "list")
        #expect(answer["usage"]?["prompt_tokens"]?.int == 18 && answer["usage"]?["total_tokens"]?.int == 18)
    }

    @Test func base64IsLittleEndianFloats() async throws {
        let answer = try await server().post("/v1/embeddings", #"{"input":"a cat","encoding_format":"base64","model":"all-minilm"}"#)
        let vector = try expected(["a cat"])[0]
        var bytes: [UInt8] = []
        Base64.append(vector, to: &bytes)
        #expect(answer["data"]?[0]?["embedding"]?.string == String(decoding: bytes, as: UTF8.self))
        #expect(bytes.count == 2048 && bytes.suffix(1) != Array("=".utf8))
    }

    @Test func base64OfKnownBytes() {
        for (text, expected) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            var bytes: [UInt8] = []
            Array(text.utf8).withUnsafeBytes { Base64.append($0, to: &bytes) }
            #expect(String(decoding: bytes, as: UTF8.self) == expected)
        }
    }

    @Test func dimensionsAreCutAndNormalized() async throws {
        let answer = try await server().post("/v1/embeddings", #"{"input":"a cat","dimensions":4,"user":"me","unknown":1}"#)
        #expect(answer["data"]?[0]?["embedding"]?.floats == (try expected(["a cat"], .init(dimensions: 4))[0]))
    }

    /// Token ids are read as the model's own.
    @Test(arguments: ["[101,1037,4937,102]", "[[1037,4937],[101,1037,4937,102]]", #"[[1037,4937],"a cat"]"#])
    func tokenIDs(input: String) async throws {
        let answer = try await server().post("/v1/embeddings", "{\"input\":\(input)}")
        let vector = try expected(["a cat"])[0]
        let data = try #require(answer["data"]?.array)
        #expect(data.allSatisfy { $0["embedding"]?.floats == vector })
    }

    @Test func truncationIsReported() async throws {
        let long = String(repeating: "word ", count: 400)
        let answer = try await server().post("/v1/embeddings", "{\"input\":[\"a cat\",\"\(long)\"]}")
        #expect(answer["data"]?[0]?["truncated"] == nil)
        #expect(answer["data"]?[1]?["truncated"]?["tokens"]?.int == 402 && answer["data"]?[1]?["truncated"]?["kept"]?.int == 256)
        #expect(answer.header("x-truncated-inputs") == "1")
        let strict = try await server().post("/v1/embeddings", "{\"input\":[\"a cat\",\"\(long)\"],\"truncate\":false}")
        #expect(strict.status == 400 && strict["error"]?["code"]?.string == "context_length_exceeded")
        #expect(strict["error"]?["message"]?.string?.hasPrefix("input[1] has 402 tokens") == true)
    }

    @Test(arguments: [
        (#"{}"#, "input: expected a string"), (#"{"input":null}"#, "input: expected a string"), (#"{"input":[]}"#, "at least one"),
        (#"{"input":3}"#, "found a number"), (#"{"input":["a",3]}"#, "input[1]: expected a string or a list of token ids, found a number"),
        (#"{"input":[["a"]]}"#, "input[0][0]: expected a token id"), (#"{"input":[[1.5]]}"#, "found 1.5"), (#"{"input":[-1]}"#, "found -1"),
        (#"{"input":[[]]}"#, "empty list"), (#"{"input":[99999]}"#, "token id 99999 is not in the vocabulary"),
        (#"{"input":"a","dimensions":0}"#, "dimensions is 0"), (#"{"input":"a","dimensions":385}"#, "dimensions 385"),
        (#"{"input":"a","dimensions":1.5}"#, "found a fraction"), (#"{"input":"a","encoding_format":"hex"}"#, "float or base64"),
        (#"{"input":"a","model":3}"#, "model: expected a string"), (#"{"input":"a","input_type":"x"}"#, "query or document"),
        (#"{"input":"a","prompt_name":"x"}"#, "no prompt \"x\""), (#"[1]"#, "expected a JSON object"), (#""#, "the body is empty"),
        (#"{"input":"#, "not JSON"),
    ])
    func badRequests(body: String, message: String) async throws {
        let answer = try await server().post("/v1/embeddings", body)
        #expect(answer.status == 400)
        #expect(answer["error"]?["type"]?.string == "invalid_request_error")
        #expect(answer["error"]?["message"]?.string?.contains(message) == true, "\(answer.text)")
    }

    @Test func unknownModelsAreNotFound() async throws {
        let answer = try await server().post("/v1/embeddings", #"{"input":"a","model":"gpt"}"#)
        #expect(answer.status == 404 && answer["error"]?["code"]?.string == "model_not_found")
        #expect(answer["error"]?["message"]?.string == #"model "gpt" not found; this server has "all-MiniLM-L6-v2""#)
        let any = try TestServer { $0.acceptsAnyModelName = true }
        #expect(try await any.post("/v1/embeddings", #"{"input":"a","model":"gpt"}"#).status == 200)
    }

    @Test func models() async throws {
        let list = try await server().send(.get, "/v1/models")
        #expect(list["data"]?[0]?["id"]?.string == "all-MiniLM-L6-v2")
        let one = try await server().send(.get, "/v1/models/sentence-transformers%2Fall-MiniLM-L6-v2")
        #expect(one["id"]?.string == "all-MiniLM-L6-v2" && one["object"]?.string == "model")
        #expect(try await server().send(.get, "/v1/models/none").status == 404)
    }

    @Test func jinasMembers() async throws {
        let body = #"{"input":[{"text":"a cat"}],"task":"retrieval.query","embedding_type":"base64"}"#
        let answer = try await server().post("/v1/embeddings", body)
        var bytes: [UInt8] = []
        Base64.append(try expected(["a cat"])[0], to: &bytes)
        #expect(answer["data"]?[0]?["embedding"]?.string == String(decoding: bytes, as: UTF8.self))
        #expect(try await server().post("/v1/embeddings", #"{"input":[{"image":"x"}]}"#).status == 400)
    }

    /// Models with prompts: the role chooses one, and the client's own takes its place.
    @Test func promptsAndRoles() async throws {
        let prompted = try await server().post("/v1/embeddings", #"{"input":"cat","prompt":"a "}"#)
        #expect(prompted["data"]?[0]?["embedding"]?.floats == (try expected(["a cat"])[0]))
        let query = try await server().post("/v1/embeddings", #"{"input":"a cat","input_type":"search_query"}"#)
        #expect(query["data"]?[0]?["embedding"]?.floats == (try expected(["a cat"])[0]))
    }
}

#endif
