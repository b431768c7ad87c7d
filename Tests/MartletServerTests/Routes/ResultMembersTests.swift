#if Server

import HTTPTypes
import Martlet
import MartletJSON
import Testing

@testable import MartletServer

/// Members that change the result are honoured or refused by name, on every route that computes.
@Suite struct ResultMembersTests {
    private func server() throws -> TestServer { try TestServer.shared.get() }

    /// Each member of the list on each route that does not read it, with a value that no route has by default.
    @Test func unreadMembersAreRefusedByName() async throws {
        let server = try server()
        var count = 0
        for route in server.core.routes where route.operation != nil && route.dialect != .own {
            let path = String(route.path.map { $0 }).replacing("{id}", with: "all-MiniLM-L6-v2")
            for name in ResultMembers.all.keys where !route.members.contains(name) {
                let answer = try await server.post(path, "{\"\(name)\":{\"x\":1}}")
                #expect(
                    (400...422).contains(answer.status)
                        && answer.text.contains("\(name) would change the result"),
                    "\(route.path) \(name): \(answer.status) \(answer.text)")
                count += 1
            }
        }
        #expect(count > 400)
    }

    /// What asks for nothing else than happens anyway is no reason to refuse a request.
    @Test(arguments: [
        ("/api/embed", #"{"model":"all-minilm","input":"a","encoding_format":"float","images":[]}"#),
        ("/v2/embed", #"{"texts":["a"],"raw_scores":false,"images":null,"max_tokens":null,"parameters":{}}"#),
        ("/v1/embeddings", #"{"input":"a","modality":"TEXT","return_multivector":false,"dimensions":null}"#),
        ("/v1/embeddings", #"{"input":"a","user":"me","metadata":{"a":1},"service_tier":"x","priority":3}"#),
        ("/embed", #"{"inputs":"a","parameters":{"normalize":true,"encoding_format":"float"}}"#),
        ("/v1/embeddings", #"{"input":"a","truncate":true,"truncation":true}"#),
        ("/v1/embeddings", #"{"input":"a","truncate":"START","truncation":true}"#),
        ("/v1/embeddings", #"{"input":"a","truncate":"NONE","truncation":false}"#),
        ("/v1/embed", #"{"texts":["a"],"normalize":true}"#),
        ("/v2/embed", #"{"texts":["a"],"normalized":true,"truncation":true,"task":"text-matching"}"#),
        ("/api/embed", #"{"model":"all-minilm","input":"a","normalize":true,"task":"retrieval.query"}"#),
        ("/embedding", #"{"input":"a","normalize":true}"#),
        (
            "/similarity",
            #"{"inputs":{"source_sentence":"a","sentences":["b"]},"parameters":{"normalize":true}}"#
        ),
        ("/v1/embeddings", #"{"input":"a","prompt":"x","input_type":"query"}"#),
        ("/v1/embeddings", #"{"input":"a","prompt":"x","task":"retrieval.passage"}"#),
        ("/v1/embeddings", #"{"input":"a","input_type":"query","task":"text-matching"}"#),
        ("/v1/embeddings", #"{"input":"a","input_type":"search_document","task":"retrieval.passage"}"#),
    ])
    func harmlessMembersPass(_ path: String, _ body: String) async throws {
        let answer = try await server().post(path, body)
        #expect(answer.status == 200, "\(answer.text)")
    }

    /// Found by reading the members of each server's requests one by one.
    @Test(arguments: [
        ("/v1/embeddings", #"{"input":"a","return_multivector":true}"#, "return_multivector"),
        ("/v1/embeddings", #"{"input":"a","modality":"image"}"#, "modality"),
        ("/v1/embeddings", #"{"input":"a","embd_normalize":1}"#, "embd_normalize is 1"),
        ("/v1/embeddings", #"{"input":"a","embd_normalize":-1,"normalize":true}"#, "contradict"),
        ("/v1/embeddings", #"{"input":"a","dimensions":3,"output_dimension":4}"#, "contradict"),
        (
            "/v1/embeddings", #"{"input":"a","encoding_format":"float","embedding_type":"base64"}"#,
            "contradict"
        ),
        ("/v1/embeddings", #"{"input":"a","output_dtype":"int8","embedding_type":"binary"}"#, "contradict"),
        ("/v1/embeddings", #"{"input":"a","prompt":"x","prompt_name":"y"}"#, "contradict"),
        ("/v1/embeddings", #"{"input":"a","prompt_name":"query","input_type":"document"}"#, "contradict"),
        ("/v1/embeddings", #"{"input":"a","prompt_name":"s2p","task":"retrieval.query"}"#, "contradict"),
        ("/v1/embeddings", #"{"input":"a","truncate":true,"truncation":false}"#, "contradict"),
        ("/v1/embeddings", #"{"input":"a","truncate":"NONE","truncation":true}"#, "contradict"),
        ("/v2/embed", #"{"texts":["a"],"normalize":false}"#, "normalize asks for another length"),
        ("/v1/embed", #"{"texts":["a"],"normalized":false}"#, "normalized asks for another length"),
        ("/api/embed", #"{"model":"all-minilm","input":"a","embd_normalize":-1}"#, "embd_normalize asks"),
        ("/api/embeddings", #"{"model":"all-minilm","prompt":"a","normalize":true}"#, "normalize"),
        ("/v1/embeddings", #"{"input":"a","input_type":"query","task":"retrieval.passage"}"#, "contradict"),
        ("/v1/embeddings", #"{"input":"a","truncate":"START","truncation":false}"#, "contradict"),
        ("/v1/embeddings", #"{"input":"a","truncate_prompt_tokens":8}"#, "truncate_prompt_tokens"),
        ("/v1/embeddings", #"{"input":"a","instruction":"x"}"#, "instruction"),
        ("/v1/embeddings", #"{"input":"a","parameters":{"truncate":false}}"#, "parameters"),
        ("/v1/embeddings", #"{"input":[{"text":"a","image":"x"}]}"#, "input[0]"),
        ("/embed", #"{"inputs":"a","encoding_format":"base64"}"#, "encoding_format"),
        ("/embed", #"{"inputs":"a","truncate":true,"parameters":{"truncate":false}}"#, "contradict"),
        ("/embed_all", #"{"inputs":"a","normalize":true}"#, "normalize"),
        ("/embed_all", #"{"inputs":"a","parameters":{"dimensions":3}}"#, "dimensions"),
        ("/vertex", #"{"instances":[{"inputs":"a","raw_scores":true}]}"#, "raw_scores"),
        ("/", #"{"inputs":"a","raw_scores":true}"#, "raw_scores"),
        ("/api/embeddings", #"{"model":"all-minilm","prompt":"a","dimensions":3}"#, "dimensions"),
        ("/api/embeddings", #"{"model":"all-minilm","prompt":"a","truncate":false}"#, "truncate"),
        ("/embedding", #"{"content":"a","encoding_format":"base64"}"#, "encoding_format"),
        ("/tokenize", #"{"content":"a","parse_special":false}"#, "parse_special"),
        ("/tokenize", #"{"content":"a","add_special_tokens":false}"#, "add_special_tokens"),
        ("/v2/embed", #"{"texts":["a"],"encoding_format":"base64"}"#, "encoding_format"),
    ])
    func refused(_ path: String, _ body: String, _ word: String) async throws {
        let answer = try await server().post(path, body)
        #expect((400...422).contains(answer.status) && answer.text.contains(word), "\(answer.text)")
    }

    /// Under each name that a client has for it.
    @Test(arguments: [
        ("/v1/embeddings", #"{"input":"a cat","normalized":false}"#),
        ("/v1/embeddings", #"{"input":"a cat","embd_normalize":-1}"#),
        ("/v1/embeddings", #"{"input":"a cat","normalize":false,"normalized":false}"#),
    ])
    func lengthsAreKept(_ path: String, _ body: String) async throws {
        let answer = try await server().post(path, body)
        let wanted = try expected(["a cat"], EmbedOptions(normalize: false))[0]
        #expect(answer["data"]?[0]?["embedding"]?.floats == wanted, "\(answer.text.prefix(200))")
    }

    /// The prompt takes the place of the one that the role has.
    @Test func aPromptMayComeWithARole() async throws {
        let wanted = try expected(["a cat"], EmbedOptions(prompt: "say: "))[0]
        for more in ["", #","input_type":"query""#, #","task":"text-matching""#] {
            let answer = try await server().post(
                "/v1/embeddings", #"{"input":"a cat","prompt":"say: "\#(more)}"#)
            #expect(answer["data"]?[0]?["embedding"]?.floats == wanted, "\(more): \(answer.text.prefix(200))")
        }
    }

    /// What members say of the role, where they agree and where they do not; nil: refused.
    @Test(
        arguments: [
            (#"{"prompt_name":"query","input_type":"search_query","task":"retrieval.query"}"#, .query),
            (#"{"prompt_name":"document","task":"retrieval.passage"}"#, .document),
            (#"{"prompt_name":"passage","input_type":"document"}"#, TextRole(promptName: "passage")),
            (#"{"prompt_name":"query"}"#, TextRole(promptName: "query")),
            (#"{"prompt_name":"s2p","task":"text-matching"}"#, TextRole(promptName: "s2p")),
            (#"{"input_type":"query","task":"text-matching"}"#, .query),
            (#"{"prompt":"x","input_type":"passage"}"#, .document),
            (#"{"prompt_name":"query","task":"retrieval.passage"}"#, nil),
            (#"{"input_type":"query","task":"retrieval.passage"}"#, nil),
            (#"{"prompt":"x","prompt_name":"query"}"#, nil),
        ] as [(String, TextRole?)])
    func rolesAgree(_ body: String, _ role: TextRole?) throws {
        let fields = RequestFields(try #require(try JSONValue.parse(utf8: body).object))
        var request = EmbedRequest(model: nil, inputs: [], parameter: "input")
        do {
            try request.readRole(fields)
            #expect(role != nil && request.role == role, "\(body)")
        } catch {
            #expect(role == nil && error.message.contains("contradict"), "\(body): \(error.message)")
        }
    }

    @Test func parametersAreReadOnAllRoutesOfTEI() async throws {
        let long = String(repeating: "word ", count: 400)
        for path in ["/embed", "/embed_all", "/", "/invocations"] {
            let answer = try await server().post(
                path, #"{"inputs":"\#(long)","parameters":{"truncate":false}}"#)
            #expect(
                answer.status == 422 && answer.text.contains("402 tokens"),
                "\(path): \(answer.text.prefix(200))")
        }
        let similar = try await server().post(
            "/similarity", #"{"inputs":{"source_sentence":"a","sentences":["\#(long)"]},"truncate":false}"#)
        #expect(similar.status == 422, "\(similar.text)")
    }

    /// infinity's clients send 0 for all dimensions.
    @Test func zeroDimensionsOfInfinity() async throws {
        let all = try await server().post("/embeddings", #"{"input":"a cat","dimensions":0}"#)
        #expect(all["data"]?[0]?["embedding"]?.floats == (try expected(["a cat"])[0]))
    }

    @Test(arguments: [
        ("/v1/rerank", #""documents":["a"],"rank_fields":["title"]"#, "rank_fields"),
        ("/v1/rerank", #""documents":["a"],"max_chunks_per_doc":10"#, "max_chunks_per_doc"),
        ("/v1/rerank", #""documents":["a"],"return_embeddings":true"#, "return_embeddings"),
        ("/v1/rerank", #""documents":["a"],"top_n":1,"top_k":2"#, "contradict"),
        ("/v1/rerank", #""documents":["a"],"max_doc_length":3,"max_tokens_per_doc":4"#, "contradict"),
        ("/v1/rerank", #""documents":[{"text":"a","image":"x"}]"#, "documents[0]"),
        ("/v2/rerank", #""documents":["a"],"rank_fields":["title"]"#, "rank_fields"),
        ("/rerank", #""texts":["a"],"documents":["b"]"#, "contradict"),
        ("/rerank", #""texts":["a"],"return_documents":true"#, "return_documents"),
        ("/rerank", #""documents":["a"],"truncation_direction":"left""#, "truncation_direction"),
        ("/rerank", #""texts":["a"],"top_k":1"#, "top_k"),
        ("/v2/rerank", #""documents":["a"],"top_n":1,"top_k":2"#, "contradict"),
    ])
    func refusedByRerankers(_ path: String, _ members: String, _ word: String) async throws {
        let answer = try await TestServer.heads.get().post(path, #"{"query":"q",\#(members)}"#)
        #expect((400...422).contains(answer.status) && answer.text.contains(word), "\(answer.text)")
    }

    /// Hugging Face's classification: scores of the two labels are the tokens and the tokens - 1.
    @Test(arguments: [
        (#"{"function_to_apply":"none"}"#, [4, 3]), (#"{"top_k":1}"#, [2]),
        (#"{"function_to_apply":"softmax"}"#, [0.731058, 0.268941]),
        (#"{"function_to_apply":"sigmoid","top_k":1}"#, [0.982013]),
    ])
    func labelsOfParameters(_ parameters: String, _ wanted: [Double]) async throws {
        let answer = try await TestServer.heads.get().post(
            "/predict", #"{"inputs":"a b","model":"classifier","parameters":\#(parameters)}"#)
        let scores = answer.json.array?.compactMap { $0["score"]?.double } ?? []
        #expect(
            scores.count == wanted.count && zip(scores, wanted).allSatisfy { abs($0 - $1) < 1e-5 },
            "\(answer.text)")
        let both = try await TestServer.heads.get().post(
            "/predict",
            #"{"inputs":"a","model":"classifier","raw_scores":true,"function_to_apply":"sigmoid"}"#)
        #expect(both.status == 422 && both.text.contains("contradict"))
    }
}

#endif
