#if Server

import Martlet
import MartletJSON
import Testing

@testable import MartletServer

@Suite struct CohereRoutesTests {
    private func server() throws -> TestServer { try TestServer.shared.get() }

    @Test func theFirstFormGivesListsOfNumbers() async throws {
        let answer = try await server().post(
            "/v1/embed", #"{"texts":["a cat","a dog"],"model":"all-minilm","input_type":"search_query"}"#)
        #expect(
            answer.status == 200 && answer["response_type"]?.string == "embeddings_floats", "\(answer.text)")
        #expect(answer["embeddings"]?.array?.map(\.floats) == (try expected(["a cat", "a dog"])))
        #expect(answer["texts"] == ["a cat", "a dog"] && answer["id"]?.string?.isEmpty == false)
        #expect(
            answer["meta"]?["api_version"]?["version"] == "1"
                && answer["meta"]?["billed_units"]?["input_tokens"] == 8)
    }

    @Test func everyTypeIsInOneAnswer() async throws {
        let body =
            #"{"texts":["a cat"],"embedding_types":["float","int8","uint8","binary","ubinary","base64"],"output_dimension":12}"#
        for path in ["/v1/embed", "/v2/embed"] {
            let answer = try await server().post(path, body)
            #expect(
                answer.status == 200 && answer["response_type"]?.string == "embeddings_by_type",
                "\(answer.text)")
            let row = try expected(["a cat"], .init(dimensions: 12))[0]
            let got = try #require(answer["embeddings"])
            #expect(got["float"]?[0]?.floats == row)
            let int8 = got["int8"]?[0]?.array?.compactMap(\.int) ?? []
            let largest = row.map(abs).max() ?? 1
            #expect(
                int8 == row.map { Int(($0 / largest * 127).rounded(.toNearestOrEven)) }
                    && int8.map(abs).max() == 127)
            #expect(got["uint8"]?[0]?.array?.compactMap(\.int) == int8.map { $0 + 128 })
            var bits = [0, 0]
            for (index, value) in row.enumerated() where value > 0 { bits[index / 8] += 128 >> (index % 8) }
            #expect(got["ubinary"]?[0]?.array?.compactMap(\.int) == bits)
            #expect(got["binary"]?[0]?.array?.compactMap(\.int) == bits.map { $0 - 128 })
            var base64: [UInt8] = []
            Base64.append(row, to: &base64)
            #expect(got["base64"]?[0]?.string == String(decoding: base64, as: UTF8.self))
        }
    }

    @Test func theSecondFormTakesContents() async throws {
        let body =
            #"{"inputs":[{"content":[{"type":"text","text":"a cat"}]}],"input_type":"search_document"}"#
        let answer = try await server().post("/v2/embed", body)
        #expect(answer["embeddings"]?["float"]?[0]?.floats == (try expected(["a cat"])[0]), "\(answer.text)")
        #expect(answer["texts"] == ["a cat"] && answer["meta"]?["api_version"]?["version"] == "2")
    }

    @Test func truncationIsToldOrRefused() async throws {
        let long = String(repeating: "word ", count: 400)
        let cut = try await server().post(
            "/v2/embed", #"{"texts":["a","\#(long)"],"truncate":"END","output_dimension":2}"#)
        #expect(cut["truncated"] == [1] && cut.header("x-truncated-inputs") == "1")
        let refused = try await server().post("/v2/embed", #"{"texts":["a","\#(long)"],"truncate":"NONE"}"#)
        #expect(
            refused.status == 400 && refused["message"]?.string?.hasPrefix("texts[1] has 402 tokens") == true)
    }

    @Test(arguments: [
        (#"{}"#, "texts: expected a list"), (#"{"texts":"a"}"#, "texts: expected a list"),
        (#"{"texts":[]}"#, "at least one"),
        (#"{"texts":["a",1]}"#, "texts[1]: expected a string"),
        (#"{"texts":["a"],"input_type":"image"}"#, "input_type is \"image\""),
        (#"{"texts":["a"],"embedding_types":["int4"]}"#, "embedding_types[0] is \"int4\""),
        (#"{"texts":["a"],"embedding_types":[]}"#, "embedding_types"),
        (#"{"texts":["a"],"output_dimension":385}"#, "385"),
        (#"{"texts":["a"],"images":["data:"]}"#, "images would change the result"),
        (#"{"texts":["a"],"max_tokens":3}"#, "max_tokens would change the result"),
        (#"{"inputs":[{"content":[{"type":"image_url","image_url":{"url":""}}]}]}"#, "inputs[0]"),
        (#"{"inputs":3}"#, "inputs: expected"),
        (#"{"inputs":[{"content":[{"type":"text","text":"a"}]}],"texts":["a"]}"#, "found both"),
    ])
    func errorsHaveCoheresForm(body: String, message: String) async throws {
        let answer = try await server().post("/v2/embed", body)
        #expect(
            answer.status == 400 && answer["message"]?.string?.contains(message) == true, "\(answer.text)")
        #expect(answer.json.object?.members.map(\.key) == ["message"])
    }

    @Test func unknownModelsAreNotFound() async throws {
        let answer = try await server().post("/v2/embed", #"{"texts":["a"],"model":"embed-v4.0"}"#)
        #expect(answer.status == 404 && answer["message"]?.string?.contains("embed-v4.0") == true)
    }

    /// Voyage's and Mistral's members of the route that they share with OpenAI.
    @Test func voyagesAndMistralsMembers() async throws {
        let row = try expected(["a cat"], .init(dimensions: 16))[0]
        let body =
            #"{"input":["a cat"],"output_dimension":16,"output_dtype":"ubinary","truncation":true,"input_type":"document"#
        let numbers = try await server().post("/v1/embeddings", body + #""}"#)
        #expect(numbers["data"]?[0]?["embedding"]?.array?.count == 2, "\(numbers.text)")
        let base64 = try await server().post("/v1/embeddings", body + #"","encoding_format":"base64"}"#)
        var bytes: [UInt8] = []
        VectorType.ubinary.bytes(of: row).withUnsafeBytes { Base64.append($0, to: &bytes) }
        #expect(base64["data"]?[0]?["embedding"]?.string == String(decoding: bytes, as: UTF8.self))
        let jina = try await server().post(
            "/v1/embeddings", #"{"input":["a cat"],"dimensions":16,"embedding_type":"ubinary"}"#)
        #expect(jina["data"] == numbers["data"])
        let long = String(repeating: "word ", count: 400)
        let refused = try await server().post("/v1/embeddings", #"{"input":"\#(long)","truncation":false}"#)
        #expect(
            refused.status == 400 && refused["detail"]?.string?.hasPrefix("input[0] has 402 tokens") == true,
            "\(refused.text)")
        #expect(
            try await server().post("/v1/embeddings", #"{"input":"a","output_dtype":"int4"}"#).status == 400)
    }

    /// Azure's clients name the deployment in the path, and send whatever they were given in the body.
    @Test func azuresDeployments() async throws {
        let server = try TestServer { $0.apiKey = "secret" }
        let path = "/openai/deployments/all-minilm/embeddings?api-version=2024-10-21"
        let answer = try await server.post(
            path, #"{"input":"a cat","model":"text-embedding-3-small"}"#, headers: ["api-key": "secret"])
        #expect(answer["data"]?[0]?["embedding"]?.floats == (try expected(["a cat"])[0]), "\(answer.text)")
        #expect(try await server.post(path, #"{"input":"a"}"#, headers: ["api-key": "wrong"]).status == 401)
        let none = try await server.post(
            "/openai/deployments/gpt/embeddings", #"{"input":"a"}"#, headers: ["api-key": "secret"])
        #expect(none.status == 404 && none["error"]?["code"]?.string == "model_not_found")
    }

    @Test func int8OfAVectorOfZeros() {
        #expect(
            VectorType.int8.bytes(of: [0, 0]) == [0, 0]
                && VectorType.uint8.bytes(of: [0, -0.0]) == [128, 128])
        #expect(
            VectorType.ubinary.bytes(of: [0, 1, -1]) == [0x40]
                && VectorType.binary.bytes(of: [0, 1, -1]) == [0xC0])
    }
}

#endif
