#if Server

import HTTPTypes
import Martlet
import MartletJSON
import Testing

@testable import MartletServer

@Suite struct TEIRoutesTests {
    /// Hugging Face's clients put options into `parameters`.
    @Test func parametersCount() async throws {
        let answer = try await server().post(
            "/embed", #"{"inputs":"a cat","parameters":{"normalize":false,"truncate":true,"dimensions":8}}"#)
        #expect(
            answer.json[0]?.floats == (try expected(["a cat"], .init(dimensions: 8, normalize: false))[0]),
            "\(answer.text)")
        let long = String(repeating: "word ", count: 400)
        #expect(
            try await server().post("/embed", #"{"inputs":"\#(long)","parameters":{"truncate":false}}"#)
                .status == 422)
        #expect(try await server().post("/embed", #"{"inputs":"a","parameters":[1]}"#).status == 422)
        let twice = try await server().post(
            "/embed", #"{"inputs":"a cat","dimensions":4,"parameters":{"dimensions":8}}"#)
        #expect(twice.status == 422 && twice.text.contains("dimensions and parameters.dimensions"))
    }

    private func server() throws -> TestServer { try TestServer.shared.get() }

    @Test(arguments: ["/embed", "/", "/invocations"]) func embed(path: String) async throws {
        let answer = try await server().post(path, #"{"inputs":["a cat","a dog"]}"#)
        #expect(answer.status == 200)
        let vectors = try expected(["a cat", "a dog"])
        #expect(
            answer.json[0]?.floats == vectors[0] && answer.json[1]?.floats == vectors[1]
                && answer.json.array?.count == 2)
        #expect(answer.header("x-compute-type") == "cpu" && answer.header("x-compute-tokens") == "8")
        #expect(answer.header("x-compute-characters") == "10")
        for name in [
            "x-compute-time", "x-total-time", "x-tokenization-time", "x-queue-time", "x-inference-time",
        ] {
            #expect(answer.header(name).flatMap { Int($0) } != nil)
        }
    }

    @Test func oneTextGivesAListAsWell() async throws {
        let answer = try await server().post(
            "/embed", #"{"inputs":"a cat","normalize":false,"dimensions":8}"#)
        #expect(answer.json.array?.count == 1)
        #expect(
            answer.json[0]?.floats == (try expected(["a cat"], .init(dimensions: 8, normalize: false))[0]))
    }

    @Test func embedAllGivesTheTokensVectors() async throws {
        let answer = try await server().post("/embed_all", #"{"inputs":["a cat","dog"]}"#)
        let vectors = try TestServer.shared.get().embedder().tokenVectorsBlocking(of: "a cat").vectors
        #expect(answer.json.array?.map { $0.array?.count } == [4, 3])
        for index in 0..<4 { #expect(answer.json[0]?[index]?.floats == vectors[index].values) }
    }

    @Test func similarity() async throws {
        let body = #"{"inputs":{"source_sentence":"a cat","sentences":["a kitten","a car"]}}"#
        let answer = try await server().post("/similarity", body)
        let vectors = try expected(["a cat", "a kitten", "a car"]).map { Embedding($0) }
        let similarities = try vectors.dropFirst().prefix(2).map { try vectors[0].cosineSimilarity(to: $0) }
        #expect(answer.json.floats == similarities)
    }

    @Test func tokenizeTellsPlacesInBytes() async throws {
        let answer = try await server().post("/tokenize", #"{"inputs":"Ünï cats"}"#)
        let tokens = try #require(answer.json[0]?.array)
        #expect(
            tokens.first?["text"]?.string == "[CLS]" && tokens.first?["special"]?.bool == true
                && tokens.first?["start"]?.isNull == true)
        #expect(tokens.last?["id"]?.int == 102)
        let last = tokens[tokens.count - 2]
        #expect(
            last["text"]?.string == "cats" && last["start"]?.int == 6 && last["stop"]?.int == 10
                && last["special"]?.bool == false)
        let plain = try await server().post("/tokenize", #"{"inputs":["a cat"],"add_special_tokens":false}"#)
        #expect(plain.json[0]?.array?.compactMap { $0["id"]?.int } == [1037, 4937])
    }

    @Test func llamasTokenize() async throws {
        let answer = try await server().post("/tokenize", #"{"content":"a cat","with_pieces":true}"#)
        #expect(answer["tokens"]?[1]?["piece"]?.string == "cat")
        let special = try await server().post("/tokenize", #"{"content":"a cat","add_special":true}"#)
        #expect(special["tokens"]?.array?.compactMap(\.int) == [101, 1037, 4937, 102])
        #expect(
            try await server().post("/detokenize", #"{"tokens":[1037,4937]}"#)["content"]?.string == "a cat")
        // Errors, too, are those of the client.
        for body in [#"{"content":3}"#, #"{"content":"a","add_special":3}"#] {
            let error = try await server().post("/tokenize", body)
            #expect(
                error.status == 400 && error["error"]?["type"]?.string == "invalid_request_error",
                "\(error.text)")
        }
        #expect(try await server().post("/tokenize", #"{"inputs":3}"#)["error_type"]?.string == "Validation")
    }

    /// What would change the result and is not done is refused, in llama.cpp's form.
    @Test(arguments: [#""parse_special":false"#, #""add_special_tokens":true"#])
    func llamasTokenizeRefuses(member: String) async throws {
        let answer = try await server().post("/tokenize", "{\"content\":\"a\",\(member)}")
        #expect(answer.status == 400 && answer["error"]?["code"] == 400, "\(answer.text)")
    }

    @Test func llamasEmbedding() async throws {
        let answer = try await server().post("/embedding", #"{"content":["a cat","a dog"]}"#)
        let vectors = try expected(["a cat", "a dog"])
        #expect(
            answer.json.array?.map { $0["embedding"]?[0]?.floats } == [vectors[0], vectors[1]]
                && answer.json[1]?["index"]?.int == 1)
        let raw = try await server().post("/embedding", #"{"input":"a cat","embd_normalize":-1}"#)
        #expect(
            raw.json[0]?["embedding"]?[0]?.floats == (try expected(["a cat"], .init(normalize: false))[0]))
        for body in [
            "{}", #"{"content":"a","embd_normalize":1}"#, #"{"content":"a","embd_normalize":3}"#,
            #"{"content":[]}"#,
        ] {
            let wrong = try await server().post("/embedding", body)
            #expect(
                wrong.status == 400 && wrong["error"]?["type"]?.string == "invalid_request_error",
                "\(wrong.text)")
        }
        let models = try await server().send(.get, "/models")
        #expect(models["data"]?[0]?["id"]?.string == "all-MiniLM-L6-v2")
    }

    @Test func decode() async throws {
        #expect(try await server().post("/decode", #"{"ids":[101,1037,4937,102]}"#).json == ["a cat"])
        #expect(try await server().post("/decode", #"{"ids":[[1037],[4937]]}"#).json == ["a", "cat"])
        let whole = try await server().post("/decode", #"{"ids":[101,1037,102],"skip_special_tokens":false}"#)
        #expect(whole.json == ["[CLS] a [SEP]"])
    }

    @Test func info() async throws {
        let answer = try await server().send(.get, "/info")
        #expect(
            answer["model_type"]?["embedding"]?["pooling"]?.string == "mean"
                && answer["max_input_length"]?.int == 256)
        #expect(answer["model_dtype"]?.string == "float32" && answer["max_client_batch_size"]?.int == 2048)
    }

    @Test(arguments: [
        ("/embed", #"{}"#, 422, "Validation"), ("/embed", #"{"inputs":[]}"#, 400, "Empty"),
        ("/embed", #"{"inputs":[1,"a"]}"#, 422, "Validation"),
        ("/embed", "{", 400, "Validation"), ("/embed", #"{"inputs":"a","truncate":1}"#, 422, "Validation"),
        ("/embed", #"{"inputs":"a","truncation_direction":"up"}"#, 422, "Validation"),
        ("/embed", #"{"inputs":"a","prompt_name":"x"}"#, 422, "Validation"),
        ("/embed", #"{"inputs":"a","model":"x"}"#, 404, "Validation"),
        ("/embed_all", #"{"inputs":null}"#, 422, "Validation"),
        ("/similarity", #"{"inputs":{}}"#, 422, "Validation"),
        ("/similarity", #"{"inputs":{"source_sentence":"a","sentences":[1]}}"#, 422, "Validation"),
        ("/similarity", "{}", 422, "Validation"),
        ("/tokenize", #"{"inputs":[1]}"#, 422, "Validation"),
        ("/tokenize", #"{"inputs":"a","prompt_name":"x"}"#, 422, "Validation"),
        ("/decode", #"{"ids":[30522]}"#, 422, "Validation"), ("/decode", #"{"ids":"a"}"#, 422, "Validation"),
        ("/decode", #"{"ids":["a"]}"#, 422, "Validation"),
        ("/rerank", #"{"query":"a","texts":["b"]}"#, 422, "Validation"),
        ("/predict", #"{"inputs":"a"}"#, 422, "Validation"),
        ("/embed_sparse", #"{"inputs":"a"}"#, 422, "Validation"),
    ])
    func errors(path: String, body: String, status: Int, type: String) async throws {
        let answer = try await server().post(path, body)
        #expect(
            answer.status == status && answer["error_type"]?.string == type, "\(answer.status) \(answer.text)"
        )
        #expect(answer["error"]?.string?.isEmpty == false)
    }

    @Test func longTextsAreCutUnlessTruncateIsFalse() async throws {
        let long = String(repeating: "word ", count: 300) + "end"
        let cut = try await server().post("/embed", "{\"inputs\":\"\(long)\"}")
        #expect(cut.status == 200 && cut.header("x-truncated-inputs") == "0")
        let left = try await server().post(
            "/embed", "{\"inputs\":\"\(long)\",\"truncation_direction\":\"Left\"}")
        #expect(left.json[0]?.floats == (try expected([long], .init(truncation: .start))[0]))
        #expect(left.json != cut.json)
        let strict = try await server().post("/embed", "{\"inputs\":[\"\(long)\"],\"truncate\":false}")
        #expect(strict.status == 422 && strict["error"]?.string?.contains("inputs[0] has 303 tokens") == true)
    }

    @Test func health() async throws {
        _ = try await server().post("/embed", #"{"inputs":"a"}"#)
        for path in ["/health", "/ping", "/"] { #expect(try await server().send(.get, path).status == 200) }
        #expect(try await server().send(.head, "/").status == 200)
    }
}

#endif
