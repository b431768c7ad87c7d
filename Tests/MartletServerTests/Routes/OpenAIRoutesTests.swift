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
        let answer = try await server().post(
            "/v1/embeddings", #"{"input":["a cat","The quick brown fox jumps over the lazy dog.",""]}"#)
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
        let answer = try await server().post(
            "/v1/embeddings", #"{"input":"a cat","encoding_format":"base64","model":"all-minilm"}"#)
        let vector = try expected(["a cat"])[0]
        var bytes: [UInt8] = []
        Base64.append(vector, to: &bytes)
        #expect(answer["data"]?[0]?["embedding"]?.string == String(decoding: bytes, as: UTF8.self))
        #expect(bytes.count == 2048 && bytes.suffix(1) != Array("=".utf8))
    }

    @Test func base64OfKnownBytes() {
        for (text, expected) in [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy"),
        ] {
            var bytes: [UInt8] = []
            Array(text.utf8).withUnsafeBytes { Base64.append($0, to: &bytes) }
            #expect(String(decoding: bytes, as: UTF8.self) == expected)
        }
    }

    /// Half of a surrogate pair, as programs send that cut text by UTF-16 units, spoils no other text.
    @Test func halfSurrogatesAreReplacedAndTold() async throws {
        let answer = try await server().post(
            "/v1/embeddings", #"{"input":["a cat","a \ud83d cat \\ud83d","\ud83d\ude00 \udc00x"]}"#)
        #expect(answer.status == 200, "\(answer.text)")
        let vectors = try expected(["a cat", "a \u{FFFD} cat \\ud83d", "\u{1F600} \u{FFFD}x"])
        #expect(answer["data"]?.array?.compactMap { $0["embedding"]?.floats } == vectors)
        #expect(
            answer.header("x-martlet-notes")?.hasPrefix("2 escapes that are half of a surrogate pair") == true
        )
        let plain = try await server().post("/v1/embeddings", #"{"input":"\ud83d\ude00"}"#)
        #expect(plain.header("x-martlet-notes") == nil)
        #expect(try await server().post("/v1/embeddings", #"{"input":"\ud83d"#).status == 400)
        #expect(try await server().post("/v1/embeddings", #"{"input":"\uZZZZ \ud83d"}"#).status == 400)
    }

    /// llama.cpp's prompts of ids and strings, and its objects.
    @Test(arguments: [
        #"[1037,"cat"]"#, #"[[1037,"cat"]]"#, #"{"prompt_string":"a cat"}"#,
        #"[{"content":"a cat"},{"prompt_string":"a cat"}]"#,
    ])
    func mixedPrompts(input: String) async throws {
        let answer = try await server().post("/v1/embeddings", "{\"input\":\(input)}")
        let data = try #require(answer["data"]?.array, "\(answer.text)")
        let wanted = try expected(["acat", "a cat"])
        #expect(data.allSatisfy { wanted.contains($0["embedding"]?.floats ?? []) })
        let image = try await server().post(
            "/v1/embeddings", #"{"input":{"prompt_string":"a","multimodal_data":["eA=="]}}"#)
        #expect(image.status == 400)
    }

    /// Ids as LangChain sends them by default: of OpenAI's vocabulary, where low ids are common words, and
    /// here nobody's.
    @Test func idsOfAnotherVocabularyAreTold() async throws {
        // "How do I cook pasta in salted water at home?" in cl100k_base.
        let foreign = try await server().post(
            "/v1/embeddings",
            #"{"input":[[4438,656,358,4394,264,922,304,12290,291,3090,520,2162,30],[1037,4937]]}"#)
        #expect(
            foreign.header("x-martlet-notes")?.hasPrefix("token ids of input 0 do not read as text") == true,
            "\(foreign.headers)")
        let own = try await server().post("/v1/embeddings", "[101,2129,2079,1045,5660,24857,102]".input)
        #expect(own.status == 200 && own.header("x-martlet-notes") == nil)
    }

    /// What the cut surely drops is not read.
    @Test func aMillionIDs() async throws {
        let count = 400_000
        let ids = "[" + repeatElement("2773", count: count).joined(separator: ",") + "]"
        let cut = try await server().post("/v1/embeddings", ids.input)
        let word = Array(repeating: "word", count: 254).joined(separator: " ")
        #expect(cut["data"]?[0]?["embedding"]?.floats == (try expected([word])[0]))
        #expect(
            cut["data"]?[0]?["truncated"]?["tokens"]?.int ?? 0 > count - 10
                && cut["data"]?[0]?["truncated"]?["kept"] == 256)
        let server = try server()
        #expect(try await server.post("/v1/embeddings", #"{"truncate":false,"input":\#(ids)}"#).status == 400)
    }

    /// Jina's late chunking: the texts are read as one, and each gets the mean of its own tokens.
    @Test func lateChunking() async throws {
        let texts = ["Berlin is the capital of Germany.", "Its population is large."]
        let list = texts.map { "\"\($0)\"" }.joined(separator: ",")
        let answer = try await server().post("/v1/embeddings", "{\"late_chunking\":true,\"input\":[\(list)]}")
        let rows = answer["data"]?.array?.compactMap { $0["embedding"]?.floats } ?? []
        let tokens = try server().embedder().tokenVectorsBlocking(of: texts.joined(separator: " "))
        let own = [1..<8, 8..<13]
        #expect(rows.count == 2 && tokens.ids.count == 14, "\(answer.text)")
        for (row, span) in zip(rows, own) {
            let width = 384
            var mean = [Float](repeating: 0, count: width)
            for place in span {
                for index in 0..<width { mean[index] += tokens.vectors.floats[place * width + index] }
            }
            let dot = zip(row, mean).reduce(Float(0)) { $0 + $1.0 * $1.1 }
            let length = mean.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
            #expect(dot / length > 0.99999)
        }
        let apart = try expected(texts)
        #expect(rows != apart)
        let long = String(repeating: "word ", count: 200)
        let refused = try await server().post(
            "/v1/embeddings", "{\"late_chunking\":true,\"input\":[\"\(long)\",\"\(long)\"]}")
        #expect(
            refused.status == 400
                && refused["error"]?["message"]?.string?.contains("together: they have 402 tokens") == true,
            "\(refused.text)")
        #expect(
            try await server().post("/v1/embeddings", #"{"late_chunking":true,"input":["a",""]}"#).status
                == 400)
    }

    /// infinity validates with pydantic, whose status its clients look for.
    @Test(arguments: [
        (#"{"input":[]}"#, 422), (#"{"input":["a",7]}"#, 422), (#"{"input":"a","dimensions":9999}"#, 422),
        (#"{"input":"a""#, 400), (#"{"input":"a"}"#, 200),
    ])
    func infinitysStatuses(_ body: String, _ status: Int) async throws {
        #expect(try await TestServer.shared.get().post("/embeddings", body).status == status)
        let plain = try await TestServer.shared.get().post("/v1/embeddings", body).status
        #expect(plain == (status == 422 ? 400 : status))
    }

    @Test func whatInfinitysClientsRead() async throws {
        let model = try await server().send(.get, "/models")["data"]?[0]
        #expect(
            model?["stats"]?["queue_absolute"]?.int != nil
                && model?["stats"]?["queue_fraction"]?.double != nil)
        #expect(model?["owned_by"] == "infinity" && model?["object"] == "model")
        _ = try await server().post("/v1/models/all-MiniLM-L6-v2/load", "")
        #expect(try await server().send(.get, "/health")["unix"]?.double ?? 0 > 1_600_000_000)
    }

    @Test func dimensionsAreCutAndNormalized() async throws {
        let answer = try await server().post(
            "/v1/embeddings", #"{"input":"a cat","dimensions":4,"user":"me","unknown":1}"#)
        #expect(
            answer["data"]?[0]?["embedding"]?.floats == (try expected(["a cat"], .init(dimensions: 4))[0]))
    }

    /// Token ids are read as the model's own.
    @Test(arguments: ["[101,1037,4937,102]", "[[1037,4937],[101,1037,4937,102]]", #"[[1037,4937],"a cat"]"#])
    func tokenIDs(input: String) async throws {
        let answer = try await server().post("/v1/embeddings", "{\"input\":\(input)}")
        let vector = try expected(["a cat"])[0]
        let data = try #require(answer["data"]?.array)
        #expect(data.allSatisfy { $0["embedding"]?.floats == vector })
    }

    /// Ids stand for themselves, also where no text gives them: what is unknown, a mask, the middle of a word.
    @Test func idsAreTakenAsTheyAre() async throws {
        let text = "I love it \u{1F600} much, [MASK] and \u{2603}"
        let ids = try server().embedder().tokenize(text).ids
        #expect(ids.contains(100) && ids.contains(103))
        let own = try await server().post(
            "/v1/embeddings", "[\(ids.map(String.init).joined(separator: ","))]".input)
        #expect(own["data"]?[0]?["embedding"]?.floats == (try expected([text])[0]))
        #expect(own["usage"]?["prompt_tokens"]?.int == ids.count)
        let middle = try await server().post("/v1/embeddings", "[101,2075,102,0,0]".input)
        #expect(middle["usage"]?["prompt_tokens"] == 3, "\(middle.text)")
        let blank = try await server().post("/v1/embeddings", #"{"input":["a"," "]}"#)
        #expect(blank.header("x-martlet-notes")?.hasPrefix("input 1: blank") == true, "\(blank.headers)")
    }

    /// How much of a text is read is Ollama's to say.
    @Test(arguments: [#""num_ctx":8"#, #""options":{"num_ctx":8}"#])
    func membersOfOllamaAreRefused(member: String) async throws {
        let answer = try await server().post("/v1/embeddings", "{\"input\":\"a\",\(member)}")
        #expect(answer.status == 400 && answer.text.contains("num_ctx would change"), "\(answer.text)")
    }

    @Test func truncationIsReported() async throws {
        let long = String(repeating: "word ", count: 400)
        let answer = try await server().post("/v1/embeddings", "{\"input\":[\"a cat\",\"\(long)\"]}")
        #expect(answer["data"]?[0]?["truncated"] == nil)
        #expect(
            answer["data"]?[1]?["truncated"]?["tokens"]?.int == 402
                && answer["data"]?[1]?["truncated"]?["kept"]?.int == 256)
        #expect(answer.header("x-truncated-inputs") == "1")
        let strict = try await server().post(
            "/v1/embeddings", "{\"input\":[\"a cat\",\"\(long)\"],\"truncate\":false}")
        #expect(strict.status == 400 && strict["error"]?["code"]?.string == "context_length_exceeded")
        #expect(strict["error"]?["message"]?.string?.hasPrefix("input[1] has 402 tokens") == true)
    }

    @Test(arguments: [
        (#"{}"#, "input: expected a string"), (#"{"input":null}"#, "input: expected a string"),
        (#"{"input":[]}"#, "at least one"),
        (#"{"input":3}"#, "found a number"),
        (#"{"input":["a",3]}"#, "input[1]: expected a string or a list of token ids, found a number"),
        (#"{"input":[["a"]]}"#, "input[0][0]: expected a token id"), (#"{"input":[[1.5]]}"#, "found 1.5"),
        (#"{"input":[-1]}"#, "found -1"),
        (#"{"input":[[]]}"#, "empty list"),
        (#"{"input":[99999]}"#, "token id 99999 is not in the vocabulary"),
        (#"{"input":"a","dimensions":0}"#, "dimensions is 0"),
        (#"{"input":"a","dimensions":385}"#, "dimensions 385"),
        (#"{"input":"a","dimensions":1.5}"#, "found a fraction"),
        (#"{"input":"a","encoding_format":"hex"}"#, "float or base64"),
        (#"{"input":"a","model":3}"#, "model: expected a string"),
        (#"{"input":"a","input_type":"x"}"#, "query or document"),
        (#"{"input":"a","prompt_name":"x"}"#, "no prompt \"x\""), (#"[1]"#, "expected a JSON object"),
        (#""#, "the body is empty"),
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
        #expect(
            answer["error"]?["message"]?.string
                == #"model "gpt" not found; this server has "all-MiniLM-L6-v2""#)
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
        let query = try await server().post(
            "/v1/embeddings", #"{"input":"a cat","input_type":"search_query"}"#)
        #expect(query["data"]?[0]?["embedding"]?.floats == (try expected(["a cat"])[0]))
    }
}

extension String {
    fileprivate var input: String { "{\"input\":\(self)}" }
}

#endif
