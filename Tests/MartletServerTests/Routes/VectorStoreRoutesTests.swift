#if Server

import HTTPTypes
import Logging
import Martlet
import MartletJSON
import MartletSystem
import MartletTestSupport
import Testing

@testable import MartletServer

@Suite struct VectorStoreRoutesTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func server() throws -> TestServer { try TestServer { $0.dataFolder = folder.path } }

    private func upload(_ name: String, _ text: String, _ server: TestServer) async throws -> String {
        let body =
            "--xyz\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nassistants\r\n--xyz\r\n"
            + "Content-Disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\nContent-Type: text/plain\r\n\r\n\(text)\r\n--xyz--\r\n"
        let answer = try await server.send(
            .post, "/v1/files", body, headers: ["content-type": "multipart/form-data; boundary=xyz"])
        #expect(
            answer["filename"]?.string == name && answer["bytes"]?.int == text.utf8.count, "\(answer.text)")
        return try #require(answer["id"]?.string)
    }

    /// Asks until all files of a store were read.
    private func finished(_ store: String, _ server: TestServer) async throws -> JSONValue {
        for _ in 0..<6000 {
            let answer = try await server.send(.get, "/v1/vector_stores/\(store)")
            if answer["status"] != "in_progress" { return answer.json }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("the files are not read")
        return .null
    }

    private func filled() async throws -> (server: TestServer, store: String, files: [String]) {
        let server = try server()
        let files = [
            try await upload(
                "kitchen.md", "# Cooking\n\nBoil a litre of water for each 100 g of pasta.\n", server),
            try await upload("garden.txt", "Roses want sun and a deep soil.", server),
        ]
        let made = try await server.post("/v1/vector_stores", #"{"name":"notes","metadata":{"a":"b"}}"#)
        let store = try #require(made["id"]?.string, "\(made.text)")
        for (file, attributes) in zip(
            files, [#"{"tag":"food","year":2024}"#, #"{"tag":"garden","year":2022,"is_new":true}"#])
        {
            let added = try await server.post(
                "/v1/vector_stores/\(store)/files", "{\"file_id\":\"\(file)\",\"attributes\":\(attributes)}")
            #expect(added["id"]?.string == file && added["vector_store_id"]?.string == store, "\(added.text)")
        }
        let done = try await finished(store, server)
        #expect(done["file_counts"]?["completed"] == 2 && done["usage_bytes"]?.int ?? 0 > 0, "\(done)")
        return (server, store, files)
    }

    private func search(_ server: TestServer, _ store: String, _ body: String) async throws
        -> TestServer.Answer
    {
        try await server.post("/v1/vector_stores/\(store)/search", body)
    }

    private func names(_ answer: TestServer.Answer) -> [String]? {
        answer["data"]?.array?.compactMap { $0["filename"]?.string }
    }

    @Test func filesAreUploadedReadAndDeleted() async throws {
        let server = try server()
        let id = try await upload("a \u{E9}.txt", "--x\r\n\r\n--xy", server)
        #expect(try await server.send(.get, "/v1/files/\(id)/content").text == "--x\r\n\r\n--xy")
        #expect(try await server.send(.get, "/v1/files/\(id)")["purpose"] == "assistants")
        #expect(
            try await server.send(.get, "/v1/files?purpose=assistants&limit=5")["data"]?.array?.count == 1)
        #expect(try await server.send(.get, "/v1/files?purpose=batch")["data"] == [])
        // Another process of the server finds it.
        #expect(try await self.server().send(.get, "/v1/files/\(id)")["filename"] == "a \u{E9}.txt")
        #expect(try await server.send(.delete, "/v1/files/\(id)")["deleted"] == true)
        #expect(try await server.send(.get, "/v1/files/\(id)/content").status == 404)
    }

    @Test func questionsFindChunks() async throws {
        let (server, store, files) = try await filled()
        let found = try await search(
            server, store, #"{"query":"how do I cook spaghetti in water?","max_num_results":1}"#)
        #expect(names(found) == ["kitchen.md"], "\(found.text)")
        let hit = found["data"]?[0]
        #expect(hit?["file_id"]?.string == files[0] && hit?["attributes"]?["tag"] == "food")
        #expect(
            hit?["content"]?[0]?["text"]?.string?.contains("Boil") == true
                && (0...1).contains(hit?["score"]?.double ?? -1))
        #expect(
            found["object"] == "vector_store.search_results.page"
                && found["search_query"] == ["how do I cook spaghetti in water?"])
        let vectors = try await search(
            server, store,
            #"{"query":["flowers","roses"],"ranking_options":{"ranker":"none","score_threshold":0.3}}"#)
        #expect(names(vectors) == ["garden.txt"], "\(vectors.text)")
    }

    private static let filters: [(String, [String])] = [
        (#"{"type":"eq","key":"tag","value":"food"}"#, ["kitchen.md"]),
        (#"{"type":"ne","key":"tag","value":"food"}"#, ["garden.txt"]),
        (#"{"type":"gte","key":"year","value":2023}"#, ["kitchen.md"]),
        (#"{"type":"lt","key":"year","value":2023.5}"#, ["garden.txt"]),
        (#"{"type":"in","key":"tag","value":["food","x\"y\\"]}"#, ["kitchen.md"]),
        (#"{"type":"nin","key":"tag","value":["food"]}"#, ["garden.txt"]),
        (#"{"type":"eq","key":"is_new","value":true}"#, ["garden.txt"]),
        (#"{"type":"eq","key":"nothing","value":1}"#, []),
        (#"{"type":"ne","key":"nothing","value":1}"#, ["garden.txt", "kitchen.md"]),
        (
            #"{"type":"or","filters":[{"type":"eq","key":"tag","value":"food"},{"type":"and","filters":[{"type":"gt","key":"year","value":2000},{"type":"eq","key":"tag","value":"garden"}]}]}"#,
            ["garden.txt", "kitchen.md"]
        ),
    ]

    @Test func filters() async throws {
        let (server, store, _) = try await filled()
        for (filter, expected) in Self.filters {
            let found = try await search(server, store, "{\"query\":\"a\",\"filters\":\(filter)}")
            #expect(found.status == 200 && names(found)?.sorted() == expected, "\(found.text)")
        }
    }

    private static let errors: [(String, String)] = [
        (#"{"query":"a","filters":{"type":"like","key":"tag","value":"x"}}"#, "filters.type is \"like\""),
        (#"{"query":"a","filters":{"type":"and","filters":[{"type":"eq"}]}}"#, "filters.filters[0].key"),
        (#"{"query":"a","filters":{"type":"eq","key":"tag","value":[1]}}"#, "filters.value"),
        (#"{"query":"a","filters":{"type":"eq","key":"year","value":"x"}}"#, "year"),
        (#"{"query":"a","rewrite_query":true}"#, "rewrite_query"),
        (#"{"query":"a","max_num_results":51}"#, "max_num_results is 51"), (#"{}"#, "query: expected"),
        (#"{"query":"a","ranking_options":{"ranker":"best"}}"#, "ranker is"),
        (#"{"query":"a","ranking_options":{"hybrid_search":{"text_weight":1}}}"#, "hybrid_search"),
    ]

    @Test func errorsOfSearches() async throws {
        let (server, store, _) = try await filled()
        for (body, message) in Self.errors {
            let answer = try await search(server, store, body)
            #expect(
                answer.status == 400 && answer["error"]?["message"]?.string?.contains(message) == true,
                "\(answer.text)")
        }
    }

    @Test func filesLeaveStores() async throws {
        let (server, store, files) = try await filled()
        let page = try await server.send(.get, "/v1/vector_stores/\(store)/files?limit=1&order=asc")
        #expect(page["data"]?[0]?["id"]?.string == files[0] && page["has_more"] == true)
        let next = try await server.send(.get, "/v1/vector_stores/\(store)/files?order=asc&after=\(files[0])")
        #expect(next["data"]?[0]?["id"]?.string == files[1] && next["has_more"] == false)
        let text = try await server.send(.get, "/v1/vector_stores/\(store)/files/\(files[1])/content")
        #expect(text["data"]?[0]?["text"] == "Roses want sun and a deep soil.")
        #expect(
            try await server.send(.delete, "/v1/vector_stores/\(store)/files/\(files[1])")["deleted"] == true)
        #expect(names(try await search(server, store, #"{"query":"roses"}"#)) == ["kitchen.md"])
        #expect(try await server.send(.get, "/v1/vector_stores/\(store)/files/\(files[1])").status == 404)
        // Deleting the file itself takes it out of every store.
        #expect(try await server.send(.delete, "/v1/files/\(files[0])").status == 200)
        #expect(names(try await search(server, store, #"{"query":"pasta"}"#)) == [])
        #expect(try await server.send(.delete, "/v1/vector_stores/\(store)")["deleted"] == true)
        #expect(try await server.send(.get, "/v1/vector_stores/\(store)").status == 404)
        #expect(try await server.send(.get, "/v1/collections")["data"] == [])
    }

    @Test func batchesAndChunksOfASize() async throws {
        let server = try server()
        let text = (0..<200).map { "word\($0)" }.joined(separator: " ")
        var files: [String] = []
        for index in 0..<3 { files.append(try await upload("\(index).txt", "\(index) \(text)", server)) }
        let binary = try await upload("x.bin", "a\u{0}b", server)
        let store = try #require(try await server.post("/v1/vector_stores", "{}")["id"]?.string)
        let ids = "[" + (files + [binary]).map { "\"\($0)\"" }.joined(separator: ",") + "]"
        let strategy = #"{"type":"static","static":{"max_chunk_size_tokens":100,"chunk_overlap_tokens":20}}"#
        let made = try await server.post(
            "/v1/vector_stores/\(store)/file_batches",
            "{\"file_ids\":\(ids),\"chunking_strategy\":\(strategy),\"attributes\":{\"n\":1}}")
        let batch = try #require(made["id"]?.string, "\(made.text)")
        _ = try await finished(store, server)
        let done = try await server.send(.get, "/v1/vector_stores/\(store)/file_batches/\(batch)")
        #expect(
            done["status"] == "completed" && done["file_counts"]?["completed"] == 3
                && done["file_counts"]?["failed"] == 1, "\(done.text)")
        let failed = try await server.send(
            .get, "/v1/vector_stores/\(store)/file_batches/\(batch)/files?filter=failed")
        #expect(failed["data"]?[0]?["last_error"]?["code"] == "unsupported_file")
        let chunks =
            try await server.send(.get, "/v1/vector_stores/\(store)/files/\(files[0])/content")["data"]?.array
            ?? []
        #expect(chunks.count > 3)
        // Read again with other attributes: the chunks are replaced, and none is left over.
        let records = try await server.send(.get, "/v1/collections/\(store)")["records"]
        let changed = try await server.post(
            "/v1/vector_stores/\(store)/files/\(files[0])", #"{"attributes":{"n":2}}"#)
        #expect(changed["attributes"]?["n"] == 2)
        _ = try await finished(store, server)
        #expect(try await server.send(.get, "/v1/collections/\(store)")["records"] == records)
        let two = try await search(
            server, store, #"{"query":"word7","filters":{"type":"eq","key":"n","value":2}}"#)
        #expect(Set(names(two) ?? []) == ["0.txt"])
        let tooLarge = try await server.post(
            "/v1/vector_stores/\(store)/files",
            "{\"file_id\":\"\(files[0])\",\"chunking_strategy\":\(strategy.replacing("100", with: "800"))}")
        #expect(
            tooLarge.status == 400 && tooLarge["error"]?["message"]?.string?.contains("800") == true,
            "\(tooLarge.text)")
    }

    /// Files of a store may have values of different types, and a file may get another type.
    @Test func anAttributeMayChangeItsType() async throws {
        let (server, store, files) = try await filled()
        let before = try await server.send(.get, "/v1/vector_stores/\(store)/files/\(files[0])")["created_at"]
        let changed = try await server.post(
            "/v1/vector_stores/\(store)/files/\(files[0])", #"{"attributes":{"year":"2024"}}"#)
        #expect(changed["created_at"] == before && before != nil)
        #expect(try await finished(store, server)["file_counts"]?["completed"] == 2)
        for (value, name) in [("\"2024\"", "kitchen.md"), ("2022", "garden.txt")] {
            let found = try await search(
                server, store,
                "{\"query\":\"x\",\"filters\":{\"type\":\"eq\",\"key\":\"year\",\"value\":\(value)}}")
            #expect(Set(names(found) ?? []) == [name], "\(found.text)")
        }
        let either = try await search(
            server, store,
            #"{"query":"x","filters":{"type":"in","key":"year","value":["2024",2022]}}"#)
        #expect(Set(names(either) ?? []) == ["kitchen.md", "garden.txt"], "\(either.text)")
    }

    /// The names of attributes may end as the fields of other types do.
    @Test func namesOfAttributesDoNotCollide() async throws {
        let (server, store, files) = try await filled()
        for (file, attributes) in [
            (files[0], #"{"x:number":"text","x":3,"x:number:string":"y"}"#), (files[1], #"{"x:number":7}"#),
        ] {
            _ = try await server.post(
                "/v1/vector_stores/\(store)/files/\(file)", "{\"attributes\":\(attributes)}")
        }
        #expect(try await finished(store, server)["file_counts"]?["completed"] == 2)
        for (key, value, name) in [
            ("x:number", "\"text\"", "kitchen.md"), ("x", "3", "kitchen.md"), ("x:number", "7", "garden.txt"),
            ("x:number:string", "\"y\"", "kitchen.md"),
        ] {
            let found = try await search(
                server, store,
                "{\"query\":\"x\",\"filters\":{\"type\":\"eq\",\"key\":\"\(key)\",\"value\":\(value)}}")
            #expect(Set(names(found) ?? []) == [name], "\(key) \(value): \(found.text)")
        }
    }

    @Test func aListOfManyValues() async throws {
        let (server, store, _) = try await filled()
        let values = (0..<50_000).map { "\"v\($0)\"" } + ["\"food\""]
        for (type, name) in [("in", "kitchen.md"), ("nin", "garden.txt")] {
            let found = try await search(
                server, store,
                "{\"query\":\"x\",\"filters\":{\"type\":\"\(type)\",\"key\":\"tag\",\"value\":[\(values.joined(separator: ","))]}}"
            )
            #expect(Set(names(found) ?? []) == [name], "\(type): \(found.text.prefix(200))")
        }
    }

    /// A store's collection is read by the routes of collections, and changed by those of stores alone.
    @Test func otherRoutesDoNotChangeAStore() async throws {
        let (server, store, _) = try await filled()
        let record = try await server.post(
            "/v1/collections/\(store)/records", #"{"records":[{"id":"x","text":"x"}]}"#)
        #expect(record.status == 409, "\(record.text)")
        #expect(try await server.send(.delete, "/v1/collections/\(store)").status == 409)
        #expect(try await server.send(.get, "/v1/collections/\(store)").status == 200)
    }

    /// A server that ended in the middle reads on when it runs again.
    @Test func filesThatWaitAreReadLater() async throws {
        let first = try server()
        let file = try await upload("a.txt", "Roses want sun.", first)
        let store = try #require(try await first.post("/v1/vector_stores", "{}")["id"]?.string)
        // As it is saved before it is read.
        try first.core.documents?.update(store) { store in store.add(file, JSONObject(), .auto, at: 0) }
        first.core.collections?.releaseWriters(unusedFor: 0)
        let second = try server()
        let done = try await finished(store, second)
        #expect(done["file_counts"]?["completed"] == 1)
        #expect(names(try await search(second, store, #"{"query":"flowers"}"#)) == ["a.txt"])
    }

    /// What cannot be kept, as on a full disk, is logged once and read again when a request asks.
    @Test func aFileThatCannotBeKeptIsNotReadForEver() async throws {
        let kept = KeptLog()
        let server = try TestServer({ $0.dataFolder = folder.path }, log: kept)
        let file = try await upload("a.txt", "Roses want sun.", server)
        let store = try #require(try await server.post("/v1/vector_stores", "{}")["id"]?.string)
        try server.core.documents?.update(store) { store in store.add(file, JSONObject(), .auto, at: 0) }
        let path = "\(folder.path)/vector_stores"
        try #require(rename(path, path + "-gone") == 0)
        func failures() -> Int {
            kept.events.count { "\($0.message)" == "what was read of a file cannot be kept" }
        }
        server.core.documents?.read(store, server.core)
        for _ in 0..<3000 where failures() == 0 { try await Task.sleep(for: .milliseconds(10)) }
        try await Task.sleep(for: .milliseconds(300))
        #expect(failures() == 1)
        try #require(rename(path + "-gone", path) == 0)
        let done = try await finished(store, server)
        #expect(done["file_counts"]?["completed"] == 1)
    }

    @Test func refusals() async throws {
        let server = try server()
        let json = ["content-type": "application/json"]
        #expect(try await server.send(.post, "/v1/files", "{}", headers: json).status == 400)
        let type = ["content-type": "multipart/form-data; boundary=b"]
        for body in [
            "", "--b", "--b\r\n", "--b\r\n\r\n\r\n--b--",
            "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--b--",
        ] {
            #expect(try await server.send(.post, "/v1/files", body, headers: type).status == 400, "\(body)")
        }
        let expiring = try await server.post(
            "/v1/vector_stores", #"{"expires_after":{"anchor":"last_active_at","days":1}}"#)
        #expect(expiring.status == 400 && expiring["error"]?["param"] == "expires_after")
        #expect(try await server.post("/v1/vector_stores", #"{"file_ids":["file-none"]}"#).status == 404)
        #expect(try await server.post("/v1/vector_stores", #"{"metadata":{"a":1}}"#).status == 400)
        #expect(try await server.send(.get, "/v1/vector_stores/vs_none").status == 404)
        #expect(try await server.send(.get, "/v1/vector_stores?limit=0").status == 400)
        #expect(try await TestServer.shared.get().send(.get, "/v1/vector_stores").status == 403)
    }
}

#endif
