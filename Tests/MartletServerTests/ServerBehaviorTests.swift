#if Server

import MartletSystem
import HTTPTypes
import MartletJSON
import MartletMiniLM
import NIOCore
import Synchronization
import MartletTestSupport
import Testing

@testable import Martlet
@testable import MartletServer

/// What holds for all routes.
@Suite struct ServerBehaviorTests {
    private func server() throws -> TestServer { try TestServer.shared.get() }

    @Test func unknownPathsAndMethods() async throws {
        let missing = try await server().send(.get, "/nope")
        #expect(missing.status == 404 && missing["error"]?["message"]?.string?.contains("/nope") == true)
        let wrong = try await server().send(.get, "/embed")
        #expect(
            wrong.status == 405 && wrong.header("allow") == "OPTIONS, POST"
                && wrong["error_type"]?.string == "Validation")
        #expect(try await server().send(.delete, "/v1/models/x").status == 405)
    }

    @Test func keys() async throws {
        let server = try TestServer { $0.apiKey = "secret" }
        let body = #"{"input":"a","model":"all-minilm"}"#
        let open = ["/health", "/ping", "/metrics", "/docs", "/openapi.json", "/api-doc/openapi.json"]
        for headers in [
            [:], ["authorization": "Bearer wrong"], ["authorization": "secret"], ["x-api-key": "secre"],
        ] {
            for route in server.core.routes {
                let answer = try await server.send(
                    route.method, route.path, route.method == .get ? nil : body, headers: headers)
                let isOpen = route.method == .get && (open.contains(route.path) || route.path == "/")
                #expect((answer.status == 401) == !isOpen, "\(route.method) \(route.path) \(answer.status)")
                #expect((answer.header("www-authenticate") == "Bearer") == !isOpen)
            }
        }
        #expect(
            try await server.post("/v1/embeddings", body, headers: ["authorization": "Bearer secret"]).status
                == 200)
        #expect(try await server.post("/v1/embeddings", body, headers: ["x-api-key": "secret"]).status == 200)
        #expect(try await server.send(.get, "/health").status == 200)
        #expect(try await server.send(.get, "/v1/models").status == 401)
    }

    @Test func anUnknownPriorityIsRefused() async throws {
        for (word, status) in [("bulk", 200), ("Interactive", 200), ("urgent", 400)] {
            let answer = try await server().post(
                "/v1/embeddings", "{\"input\":\"text for \(word)\",\"model\":\"all-minilm\"}",
                headers: ["x-priority": word])
            #expect(answer.status == status)
            #expect((answer["error"]?["param"] == "x-priority") == (status == 400), "\(answer.text)")
        }
    }

    @Test func impossibleKeepAlivesAreRefused() {
        for seconds in [-1, Int.min, Int.max] {
            #expect(throws: ServerError.self) { try TestServer { $0.keepAlive = seconds } }
        }
        #expect(throws: Never.self) { try TestServer { $0.keepAlive = 0 } }
    }

    @Test func keysAreComparedWhole() {
        let key = KeyCheck("abc")
        #expect(key.accepts("abc"))
        for wrong in ["", "ab", "abcd", "abd", "xbc", nil] { #expect(!key.accepts(wrong)) }
    }

    @Test func largeBodiesAndBatches() async throws {
        let server = try TestServer {
            $0.maxRequestBytes = 100
            $0.maxClientBatch = 2
        }
        let large = try await server.post("/embed", #"{"inputs":"\#(String(repeating: "a", count: 200))"}"#)
        #expect(large.status == 413 && large["error"]?.string?.contains("larger than 100 bytes") == true)
        let many = try await server.post("/embed", #"{"inputs":["a","b","c"]}"#)
        #expect(
            many.status == 422
                && many["error"]?.string == "inputs has 3 texts, the server takes at most 2 in a request")
        #expect(try await server.post("/v1/embeddings", #"{"input":["a","b","c"]}"#).status == 400)
    }

    @Test func largeResultsAreRefused() async throws {
        let server = try TestServer { $0.maxResponseBytes = 4 * 384 * 4 }
        #expect(try await server.post("/embed_all", #"{"inputs":"a cat"}"#).status == 200)
        #expect(try await server.post("/embed_all", #"{"inputs":["a cat","a"]}"#).status == 422)
    }

    @Test func largeListsOfTokensAreRefused() async throws {
        let server = try TestServer { $0.maxResponseBytes = 400 }
        #expect(try await server.post("/tokenize", #"{"inputs":"a"}"#).status == 200)
        for (path, body) in [
            ("/tokenize", #"{"inputs":["a a a a a a","a"]}"#),
            ("/tokenize", #"{"content":"\#(String(repeating: "a ", count: 99))"}"#),
            ("/detokenize", #"{"tokens":[\#(String(repeating: "4937,", count: 150))4937]}"#),
        ] {
            let answer = try await server.post(path, body)
            #expect(
                [400, 422].contains(answer.status) && answer.text.contains("more than 400 bytes"),
                "\(answer.text)")
        }
    }

    /// What clients have yet to read takes memory; an answer that is dropped gives it back.
    @Test func answersThatAreNotReadAreBounded() async throws {
        let server = try TestServer { $0.maxResponseMemory = 1 << 20 }
        let texts = "[" + (0..<200).map { "\"\($0)\"" }.joined(separator: ",") + "]"
        #expect(try await server.post("/embed", #"{"inputs":\#(texts)}"#).status == 200)
        let answers = server.core.answers
        #expect(answers.bytes.load(ordering: .relaxed) == 0)
        var unread: HeldBytes? = HeldBytes(600_000, of: answers, limit: 1 << 20)
        let refused = try await server.post("/embed", #"{"inputs":\#(texts)}"#)
        #expect(refused.status == 429 && refused.header("retry-after") == "1")
        #expect(answers.bytes.load(ordering: .relaxed) == 600_000 && unread != nil)
        unread = nil
        #expect(try await server.post("/embed", #"{"inputs":\#(texts)}"#).status == 200)
    }

    /// Whatever its size, an answer that is alone is given.
    @Test func anAnswerThatIsAloneIsNotRefused() async throws {
        let server = try TestServer { $0.maxResponseMemory = 1 << 10 }
        let texts = "[" + (0..<200).map { "\"\($0)\"" }.joined(separator: ",") + "]"
        #expect(try await server.post("/embed", #"{"inputs":\#(texts)}"#).status == 200)
        let other = HeldBytes(1, of: server.core.answers, limit: 1 << 10)
        #expect(try await server.post("/embed", #"{"inputs":\#(texts)}"#).status == 429)
        #expect(other != nil && server.core.answers.bytes.load(ordering: .relaxed) == 1)
    }

    private func call(_ server: TestServer, instances: Int = 1) -> Call {
        var call = Call(
            server: server.core, head: HTTPRequest(method: .post, scheme: nil, authority: nil, path: "/"),
            body: ByteBuffer(),
            parameters: [:], started: 0, record: CallRecord(), trace: nil, connection: nil)
        call.instances = instances
        return call
    }

    @Test func memoryForAnAnswerIsTakenBeforeItIsWritten() async throws {
        let server = try TestServer { $0.maxResponseMemory = 1 << 20 }
        let answers = server.core.answers
        let reply = try await call(server).written(bytes: 1 << 20) { () throws(ServiceError) in
            #expect(answers.bytes.load(ordering: .relaxed) == 1 << 20)
            return [UInt8](repeating: 0x20, count: 300_000)
        }
        #expect(answers.bytes.load(ordering: .relaxed) == 300_000)
        await #expect(throws: ServiceError.self) {
            try await call(server).written(bytes: 1 << 20) { () throws(ServiceError) in
                Issue.record("it is not written")
                return []
            }
        }
        reply.held?.release()
        // A part of an answer is not counted beside the answer.
        let part = try await call(server, instances: 2).written(bytes: 1 << 20) { () throws(ServiceError) in
            [UInt8](repeating: 0x20, count: 300_000)
        }
        #expect(part.held == nil && answers.bytes.load(ordering: .relaxed) == 0)
    }

    /// Without the thread for long work only short work is done.
    @Test func longWorkLeavesTheLoop() async throws {
        let server = try TestServer.heads()
        for name in ["reranker", "classifier"] { try await server.core.store.load(name) }
        server.core.offload.close()
        #expect(try await call(server).offloaded(bytes: 1000) { () throws(ServiceError) in true })
        await #expect(throws: ServiceError.self) {
            try await call(server, instances: 100).offloaded(bytes: 1000) { () throws(ServiceError) in true }
        }
        func list(_ element: String, _ count: Int) -> String {
            Array(repeating: element, count: count).joined(separator: ",")
        }
        func body(_ path: String, _ count: Int) -> String {
            switch path {
            case "/tokenize": #"{"inputs":"\#(list("a", count))"}"#
            case "/predict": #"{"inputs":[\#(list(#"["a"]"#, count))],"model":"classifier"}"#
            case "/rerank": #"{"query":"q","texts":[\#(list("\"a\"", count))]}"#
            default: #"{"query":"q","documents":[\#(list("\"a\"", count))]}"#
            }
        }
        for path in ["/tokenize", "/predict", "/rerank", "/v1/rerank"] {
            #expect(try await server.post(path, body(path, 100)).status == 200, "\(path)")
            let long = try await server.post(path, body(path, 2048))
            #expect(
                long.status == 503 && long.text.contains("the server is stopping"), "\(path) \(long.text)")
        }
    }

    @Test func anyNameMeansTheDefaultModelToWhoUsesIt() async throws {
        let server = try TestServer { $0.acceptsAnyModelName = true }
        for (path, body) in [
            ("/v1/embeddings", #"{"input":"a","model":"gpt"}"#),
            ("/v1/engines/gpt/embeddings", #"{"input":"a"}"#),
            ("/embed", #"{"inputs":"a","model":"gpt"}"#), ("/embed_all", #"{"inputs":"a","model":"gpt"}"#),
            ("/tokenize", #"{"inputs":"a","model":"gpt"}"#), ("/decode", #"{"ids":[101],"model":"gpt"}"#),
            ("/", #"{"inputs":"a","model":"gpt"}"#),
            ("/vertex", #"{"instances":[{"inputs":"a"}],"model":"gpt"}"#),
            ("/api/embed", #"{"input":"a","model":"gpt"}"#),
            ("/api/embeddings", #"{"prompt":"a","model":"gpt"}"#),
            ("/api/show", #"{"model":"gpt"}"#), ("/v1/models/gpt/load", ""),
        ] {
            let answer = try await server.post(path, body)
            #expect(answer.status == 200, "\(path) \(answer.text)")
        }
        #expect(try await server.send(.get, "/v1/models/gpt")["id"]?.string == "all-MiniLM-L6-v2")
        // Nobody means to be rid of it by another's name.
        #expect(try await server.post("/v1/models/gpt/unload", "").status == 404)
        #expect(try await self.server().send(.get, "/v1/models/gpt").status == 404)
    }

    @Test func errorsNameTheMember() async throws {
        let prompt = try await server().post("/v1/embeddings", #"{"input":"a","prompt_name":"none"}"#)
        #expect(prompt.status == 400 && prompt["error"]?["param"]?.string == "prompt_name")
        let token = try await server().post("/detokenize", #"{"tokens":[1,2147483646]}"#)
        #expect(
            token["error"]?["message"]?.string?.hasPrefix("tokens[1]: token id 2147483646") == true,
            "\(token.text)")
        let decoded = try await server().post("/decode", #"{"ids":[[1],[2,40000]]}"#)
        #expect(decoded["error"]?.string?.hasPrefix("ids[1][1]: token id 40000") == true, "\(decoded.text)")
    }

    @Test func aFullQueueSaysWhenToComeBack() async throws {
        let server = try TestServer {
            $0.maxQueue = 2
            $0.maxClientBatch = 2
        }
        try await server.core.store.load(nil)
        let model = try #require(server.core.store.loadedModels.first)
        // Texts that wait for ever: the threads have ended.
        server.core.stop()
        server.core.queue.monitor.withLock { $0.isClosed = false }
        _ = try server.core.queue.submit([text(1000), text(1001)], to: model, FakeModel.reading)
        for (path, body) in [("/embed", #"{"inputs":"a"}"#), ("/v1/embeddings", #"{"input":"a"}"#)] {
            let answer = try await server.post(path, body)
            #expect(answer.status == 429 && answer.header("retry-after") == "1", "\(answer.text)")
        }
    }

    @Test func tooManyRequestsAtOnce() async throws {
        let server = try TestServer { $0.maxConcurrentRequests = 1 }
        server.core.runningRequests.store(1, ordering: .relaxed)
        let answer = try await server.post("/embed", #"{"inputs":"a"}"#)
        #expect(answer.status == 429 && answer["error_type"]?.string == "Overloaded")
        // What computes nothing is still answered.
        #expect(try await server.send(.get, "/v1/models").status == 200)
    }

    @Test func requestsKeepTheirNames() async throws {
        #expect(
            try await server().send(.get, "/health", headers: ["x-request-id": "mine-1"]).header(
                "x-request-id") == "mine-1")
        for bad in ["", String(repeating: "a", count: 200), "a\"b", "a b"] {
            let id = try await server().send(.get, "/health", headers: ["x-request-id": bad]).header(
                "x-request-id")
            #expect(id?.count == 16)
        }
    }

    @Test func originsOfBrowsers() async throws {
        let server = try TestServer { $0.corsOrigins = ["https://a.example"] }
        let allowed = try await server.post(
            "/embed", #"{"inputs":"a"}"#, headers: ["origin": "https://a.example"])
        #expect(
            allowed.header("access-control-allow-origin") == "https://a.example"
                && allowed.header("vary") == "origin")
        let other = try await server.post(
            "/embed", #"{"inputs":"a"}"#, headers: ["origin": "https://b.example"])
        #expect(other.header("access-control-allow-origin") == nil && other.status == 403)
        #expect(
            try await server.post("/embed", #"{"inputs":"a"}"#, headers: ["origin": "null"]).status == 403)
        #expect(
            try await server.send(.get, "/health", headers: ["origin": "https://b.example"]).status == 200)
        let ask = try await server.send(.options, "/v1/embeddings", headers: ["origin": "https://a.example"])
        #expect(
            ask.status == 204 && ask.header("access-control-allow-headers")?.contains("authorization") == true
        )
        let more = [
            "origin": "https://a.example",
            "access-control-request-headers": "x-stainless-lang, authorization",
        ]
        let stainless = try await server.send(.options, "/v1/embeddings", headers: more)
        #expect(stainless.header("access-control-allow-headers") == "x-stainless-lang, authorization")
        #expect(stainless.header("vary") == "origin, access-control-request-headers")
        let plain = try await self.server().send(.options, "/embed", headers: ["origin": "https://a.example"])
        #expect(plain.status == 204 && plain.header("allow") == "OPTIONS, POST")
        #expect(plain.header("access-control-allow-origin") == nil)
    }

    @Test func aBrokenModelMakesHealthFailAndOthersGoOn() async throws {
        let server = try TestServer {
            $0.models = [ModelEntry(path: "/nonexistent/model"), ModelEntry(name: "good", source: .miniLM)]
        }
        let broken = try await server.post("/embed", #"{"inputs":"a"}"#)
        #expect(
            broken.status == 503
                && broken["error"]?.string?.contains("there is no model at /nonexistent/model; pass") == true)
        #expect(try await server.post("/embed", #"{"inputs":"a","model":"good"}"#).status == 200)
        let health = try await server.send(.get, "/health")
        #expect(health.status == 503 && health["error_type"]?.string == "Unhealthy")
        let models = try await server.send(.get, "/v1/models")
        #expect(
            models["data"]?[0]?["state"]?.string == "failed"
                && models["data"]?[1]?["state"]?.string == "loaded")
    }

    @Test func loadAndUnload() async throws {
        let server = try TestServer()
        #expect(try await server.send(.get, "/health").status == 503)
        #expect(try await server.post("/v1/models/all-minilm/load", "")["state"]?.string == "loaded")
        #expect(try await server.post("/v1/models/all-minilm/unload", "")["state"]?.string == "unloaded")
        #expect(server.core.store.loadedModels.isEmpty)
        #expect(try await server.send(.get, "/health").status == 200)
        #expect(try await server.post("/v1/models/none/load", "").status == 404)
    }

    @Test func numbersThatAreNotFiniteAreTheModelsFault() async throws {
        let server = try TestServer()
        try await server.core.store.load(nil)
        server.core.service.isSound.store(false, ordering: .relaxed)
        #expect(try await server.send(.get, "/health").status == 503)
        #expect(try await server.post("/embed", #"{"inputs":"a"}"#).status == 200)
        #expect(try await server.send(.get, "/health").status == 200)
    }

    @Test func statusesOfErrors() {
        #expect(Dialect.tei.status(.inference) == 424 && Dialect.openAI.status(.inference) == 500)
        for dialect in Dialect.allCases {
            #expect(dialect.status(.overloaded(retryAfter: 1)) == 429 && dialect.status(.bodyTooLarge) == 413)
            #expect(
                (400..<500).contains(dialect.status(.invalid))
                    && (400..<500).contains(dialect.status(.syntax)))
        }
    }
}

#endif
