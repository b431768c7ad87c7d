#if Server

import HTTPTypes
import Martlet
import MartletIndex
import MartletJSON
import MartletTestSupport
import Testing

@testable import MartletServer

@Suite struct MCPTests {
    /// Records by words alone: the protocol is what is tested.
    private struct Notes: SearchLibrary {
        let collection: SearchCollection
        func names() -> [String] { ["notes", "other"] }
        func search(_ question: LibraryQuestion) throws -> [Hit] {
            var request = SearchRequest(text: question.text, count: question.count, filter: question.filter)
            request.mode = .words
            return try collection.search(request)
        }
        func record(_ id: String, in collection: String) throws -> Record? {
            try self.collection.snapshot().record(id: id)
        }
    }

    private let folder: TemporaryFolder
    private let service: MCPService

    init() throws {
        folder = try TemporaryFolder()
        let identity = CollectionIdentity(model: "m", fingerprint: "f")
        let collection = try SearchCollection.create(
            at: folder.path + "/notes.martlet", settings: .init(identity: identity, dimensions: 2))
        let texts = ["# Cooking", "Boil water for pasta.", "Salt it well."]
        try collection.writer().add(
            texts.enumerated().map {
                Record(id: "a.md#\($0)", text: $1, vector: [1, 0], fields: ["line": .integer($0)])
            },
            identity: identity)
        service = MCPService(Notes(collection: collection), version: "1.2.3")
    }

    private func send(_ message: String) async throws -> JSONValue {
        let answer = try #require(await service.answer(Array(message.utf8)), "\(message) has no answer")
        return try JSONValue.parse(answer)
    }

    private func call(_ tool: String, _ arguments: String) async throws -> JSONValue {
        let message =
            #"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"\#(tool)","arguments":\#(arguments)}}"#
        let answer = try await send(message)
        #expect(answer["id"] == 7)
        return answer["result"] ?? answer
    }

    @Test func sessionsBegin() async throws {
        for (asked, given) in [
            ("2025-06-18", "2025-06-18"), ("2024-11-05", "2024-11-05"), ("1999-01-01", "2025-11-25"),
        ] {
            let answer = try await send(
                #"{"jsonrpc":"2.0","id":"x","method":"initialize","params":{"protocolVersion":"\#(asked)","capabilities":{}}}"#
            )
            #expect(answer["id"] == "x" && answer["result"]?["protocolVersion"]?.string == given)
            #expect(
                answer["result"]?["serverInfo"]?["version"] == "1.2.3"
                    && answer["result"]?["capabilities"]?["tools"] != nil)
        }
        #expect(
            await service.answer(Array(#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#.utf8))
                == nil)
        #expect(
            try await send(#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#)["result"] == .object(JSONObject()))
    }

    @Test func messagesOfTheNewestRevisionStandAlone() async throws {
        let meta =
            #""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}"#
        let found = try await send(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"server/discover\",\"params\":{\(meta)}}")
        #expect(
            found["result"]?["supportedVersions"] == ["2026-07-28"]
                && found["result"]?["resultType"] == "complete")
        let list = try await send(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\(meta)}}")
        #expect(list["result"]?["ttlMs"] == 0 && list["result"]?["cacheScope"] == "private")
        let other = meta.replacing("2026-07-28", with: "2099-01-01")
        let refused = try await send(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\(other)}}")
        #expect(
            refused["error"]?["code"]?.int == -32022
                && refused["error"]?["data"]?["supported"] == ["2026-07-28"])
    }

    @Test func aBatchGetsTheAnswersThatItWants() async throws {
        let answers = try await send(
            #"[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","method":"notifications/initialized"},"#
                + #"{"id":2},{"jsonrpc":"2.0","id":"b","method":"nothing"}]"#)
        #expect(answers.array?.count == 3)
        #expect(answers[0]?["id"] == 1 && answers[0]?["result"] != nil)
        #expect(answers[1]?["error"]?["code"]?.int == -32600)
        #expect(answers[2]?["id"] == "b" && answers[2]?["error"]?["code"]?.int == -32601)
        let silent = #"[{"jsonrpc":"2.0","method":"notifications/initialized"}]"#
        #expect(await service.answer(Array(silent.utf8)) == nil)
        #expect(try await send("[]")["error"]?["code"]?.int == -32600)
        let many = "[" + Array(repeating: "1", count: 101).joined(separator: ",") + "]"
        #expect(try await send(many)["error"]?["message"]?.string?.contains("at most 100 messages") == true)
    }

    @Test func toolsAreDescribed() async throws {
        let tools = try await send(#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#)["result"]?["tools"]
        #expect(tools?.array?.compactMap { $0["name"]?.string } == ["search", "read"])
        #expect(tools?[0]?["inputSchema"]?["required"] == ["query"])
        #expect(tools?[0]?["inputSchema"]?["properties"]?["collection"]?["enum"] == ["notes", "other"])
    }

    @Test func searchAndRead() async throws {
        let found = try await call("search", #"{"query":"pasta water"}"#)
        #expect(found["isError"] == false && found["structuredContent"]?["hits"]?[0]?["id"] == "a.md#1")
        #expect(found["content"]?[0]?["text"] == "1. id: a.md#1 (line: 1)\nBoil water for pasta.")
        #expect(
            try await call("search", #"{"query":"pasta","filter":"line > 1"}"#)["content"]?[0]?["text"]
                == "Nothing was found.")
        #expect(try await call("read", #"{"id":"a.md#2"}"#)["content"]?[0]?["text"] == "Salt it well.")
        #expect(
            try await call("read", #"{"id":"a.md"}"#)["structuredContent"]?["text"]
                == "# Cooking\nBoil water for pasta.\nSalt it well.")
    }

    /// A document may be cut inside a line.
    @Test func partsOfALineJoinWithoutABreak() async throws {
        let collection = try SearchCollection(opening: folder.path + "/notes.martlet")
        try collection.writer().add(
            [("寿司の", 1), ("作り方\n\n", 1), ("米を炊く。", 3)].enumerated().map { index, part in
                Record(
                    id: "b.txt#\(index)", text: part.0, vector: [1, 0], fields: ["line": .integer(part.1)])
            }, identity: CollectionIdentity(model: "m", fingerprint: "f"))
        #expect(
            try await call("read", #"{"id":"b.txt"}"#)["structuredContent"]?["text"]
                == "寿司の作り方\n\n米を炊く。")
    }

    /// An agent reads what is wrong with its arguments, and tries again.
    @Test(arguments: [
        ("search", "{}", "query: expected"), ("search", #"{"query":"a","filter":"nope = 1"}"#, "nope"),
        ("search", #"{"query":"a","top":1000}"#, "top is 1000"),
        ("search", #"{"query":"a","limit":3}"#, "no argument \"limit\""),
        ("search", #"{"query":"a","collection":"x"}"#, "no collection \"x\""),
        ("read", #"{"id":"b.md"}"#, "no record \"b.md\" in notes, and no document"),
    ])
    func errorsOfArgumentsAreResults(tool: String, arguments: String, message: String) async throws {
        let answer = try await call(tool, arguments)
        #expect(
            answer["isError"] == true && answer["content"]?[0]?["text"]?.string?.contains(message) == true,
            "\(answer)")
    }

    @Test(arguments: [
        ("{", -32700), ("[]", -32600), (#"{"id":1}"#, -32600),
        (#"{"jsonrpc":"2.0","id":1,"method":"resources/list"}"#, -32601),
        (#"{"jsonrpc":"2.0","id":1,"method":"tools/call"}"#, -32602),
        (#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"delete"}}"#, -32602),
    ])
    func errorsOfMessages(message: String, code: Int) async throws {
        #expect(try await send(message)["error"]?["code"]?.int == code)
    }

    @Test func longTextsAreCutAndTold() async throws {
        let identity = CollectionIdentity(model: "m", fingerprint: "f")
        let collection = try SearchCollection(opening: folder.path + "/notes.martlet")
        let long = "needle " + String(repeating: "é", count: 2000)
        try collection.writer().add([Record(id: "long", text: long, vector: [1, 0])], identity: identity)
        let text = try await call("search", #"{"query":"needle"}"#)["content"]?[0]?["text"]?.string ?? ""
        #expect(text.utf8.count < 2100 && text.hasSuffix("[4007 bytes; read long for the rest]"))
        #expect(try await call("read", #"{"id":"long"}"#)["content"]?[0]?["text"]?.string == long)
    }

    @Test func overHTTP() async throws {
        let server = try TestServer { $0.dataFolder = folder.path + "/data" }
        try server.core.collections?.makeFolder()
        _ = try await server.post("/v1/collections", #"{"name":"notes"}"#)
        _ = try await server.post(
            "/v1/collections/notes/records", #"{"records":[{"id":"r","text":"Roses want sun."}]}"#)
        let body =
            #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search","arguments":{"query":"flowers"}}}"#
        let answer = try await server.post("/mcp", body)
        #expect(answer["result"]?["structuredContent"]?["hits"]?[0]?["id"] == "r", "\(answer.text)")
        let silent = try await server.post("/mcp", #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#)
        #expect(silent.status == 202 && silent.body.isEmpty)
        #expect(try await server.send(.get, "/mcp").status == 405)
        #expect(try await TestServer.shared.get().post("/mcp", body).status == 403)
        // A page of another origin is refused as everywhere.
        #expect(try await server.post("/mcp", body, headers: ["origin": "http://evil.example"]).status == 403)
    }
}

#endif
