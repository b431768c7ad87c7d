import MartletData
import MartletHTTP
import MartletJSON
import Synchronization
import Testing

@testable import MartletVectorStores

/// The forms of requests as the databases' references publish them.
@Suite struct StoreFormTests {
    private func store(_ name: String) throws -> StoreCase {
        try #require(StoreCase.all.first { $0.name == name })
    }

    /// A new collection with one row.
    private func filled(
        _ name: String, environment: [String: String] = [:],
        _ change: (inout StoreSettings) -> Void = { _ in }
    ) async throws -> FakeServer {
        let store = try store(name)
        let server = FakeServer(store.database())
        var settings = try store.settings(server, environment: environment)
        change(&settings)
        var sink = StoreSink(store.collection(settings), source: "job")
        _ = try await sink.begin(Sample.schema())
        try await sink.write(Sample.batch(Sample.records(1..<2)))
        return server
    }

    private func body(_ server: FakeServer, _ line: String) throws -> String {
        String(decoding: try #require(server.log.last { $0.line == line }).bytes, as: UTF8.self)
    }

    @Test func `Elasticsearch gets a mapping with dense vectors, and lines`() async throws {
        let server = try await filled("Elasticsearch") { $0.distance = .dot }
        #expect(
            try body(server, "PUT /c").contains(
                "\"embedding\":{\"type\":\"dense_vector\",\"dims\":2,\"index\":true,\"similarity\":\"max_inner_product\"}"
            ))
        #expect(
            try body(server, "POST /c/_bulk")
                == "{\"index\":{\"_id\":\"1\"}}\n{\"id\":\"1\",\"text\":\"text 1\",\"embedding\":[1.0,0.5]}\n"
        )
    }

    @Test func `OpenSearch gets a field of its own kind`() async throws {
        let server = try await filled("OpenSearch")
        let made = try body(server, "PUT /c")
        #expect(
            made.contains(
                "\"embedding\":{\"type\":\"knn_vector\",\"dimension\":2,\"method\":{\"name\":\"hnsw\",\"engine\":\"lucene\",\"space_type\":\"cosinesimil\"}}"
            ))
        #expect(made.contains("\"settings\":{\"index.knn\":true}"))
    }

    @Test func `a user and a password make basic authorization`() async throws {
        let server = try await filled("Elasticsearch", environment: ["ELASTIC_PASSWORD": "opensesame"])
        // base64 of elastic:opensesame
        #expect(
            server.log.allSatisfy { $0.headers[0] == ("Authorization", "Basic ZWxhc3RpYzpvcGVuc2VzYW1l") })
        let other = try await filled(
            "OpenSearch", environment: ["OPENSEARCH_PASSWORD": "b", "OPENSEARCH_USERNAME": "a"])
        #expect(other.log.allSatisfy { $0.headers[0] == ("Authorization", "Basic YTpi") })
    }

    @Test func `rows that Elasticsearch was too busy for are sent again`() async throws {
        let store = try store("Elasticsearch")
        let server = FakeServer(store.database())
        var sink = StoreSink(try store.open(server), source: "job")
        _ = try await sink.begin(Sample.schema())
        let busy =
            "{\"items\":[{\"index\":{\"status\":201}},{\"index\":{\"status\":429,\"error\":{\"reason\":\"queue full\"}}}]}"
        server.fail([0: .status(200, body: busy)])
        try await sink.write(Sample.batch(Sample.records(0..<2)))
        #expect(server.rows.count == 2)
    }

    @Test func `a row that Elasticsearch does not remove is an error`() async throws {
        let store = try store("Elasticsearch")
        let server = FakeServer(store.database())
        let destination = StoreDestination(try store.open(server), source: "job")
        var sink = try destination.open()
        _ = try await sink.begin(Sample.schema())
        func answer(_ status: Int) -> FakeServer.Fault {
            let item = "{\"delete\":{\"status\":\(status),\"error\":{\"reason\":\"index is read-only\"}}}"
            return .status(200, body: "{\"items\":[\(item)]}")
        }
        // The first request asks for the mapping.
        server.fail([1: answer(429), 2: answer(404)])
        try await destination.remove([.text("a")])
        server.fail([1: answer(403)])
        let error = await #expect(throws: DataError.self) { try await destination.remove([.text("a")]) }
        #expect(error?.description.contains("answered 403: index is read-only") == true)
    }

    @Test func `an answer that leaves rows out is an error`() async throws {
        for name in ["Elasticsearch", "Weaviate"] {
            let store = try store(name)
            let server = FakeServer(store.database())
            var sink = StoreSink(try store.open(server), source: "job")
            _ = try await sink.begin(Sample.schema())
            let body = name == "Weaviate" ? "[]" : "{\"items\":[]}"
            server.fail([0: .status(200, body: body)])
            await #expect(throws: DataError.self) {
                try await sink.write(Sample.batch(Sample.records(0..<1)))
            }
        }
    }

    @Test func `Weaviate gets a class, and objects with UUIDs`() async throws {
        let server = try await filled("Weaviate") { $0.quantizesToBits = true }
        let made = try body(server, "POST /v1/schema")
        #expect(made.contains("\"class\":\"C\",\"vectorizer\":\"none\",\"vectorIndexType\":\"hnsw\""))
        #expect(made.contains("\"vectorIndexConfig\":{\"distance\":\"cosine\",\"bq\":{\"enabled\":true}}"))
        #expect(
            try body(server, "POST /v1/batch/objects")
                == "{\"objects\":[{\"class\":\"C\",\"id\":\"\(NameUUID(of: "1").text)\",\"properties\":{\"recordId\":\"1\",\"text\":\"text 1\"},"
                + "\"vector\":[1.0,0.5]}]}")
    }

    @Test func `Milvus gets a schema with a key of text, and rows`() async throws {
        let server = try await filled("Milvus") {
            $0.distance = .euclid
            $0.storesTexts = false
        }
        let made = try body(server, "POST /v2/vectordb/collections/create")
        #expect(
            made.contains(
                "{\"fieldName\":\"id\",\"dataType\":\"VarChar\",\"isPrimary\":true,\"elementTypeParams\":{\"max_length\":\"512\"}}"
            ))
        #expect(
            made.contains(
                "{\"fieldName\":\"embedding\",\"dataType\":\"FloatVector\",\"elementTypeParams\":{\"dim\":\"2\"}}"
            ))
        #expect(made.contains("\"metricType\":\"L2\""))
        #expect(
            try body(server, "POST /v2/vectordb/entities/upsert")
                == "{\"collectionName\":\"c\",\"data\":[{\"id\":\"1\",\"embedding\":[1.0,0.5],\"text\":\"\"}]}"
        )
    }

    @Test(arguments: [1, 2, 103, 1807])
    func `what passes by itself in Milvus is waited for`(code: Int) async throws {
        let store = try store("Milvus")
        let server = FakeServer(store.database())
        var sink = StoreSink(try store.open(server), source: "job")
        _ = try await sink.begin(Sample.schema())
        server.fail([0: .status(200, body: "{\"code\":\(code),\"message\":\"service unavailable\"}")])
        try await sink.write(Sample.batch(Sample.records(0..<2)))
        #expect(server.rows.count == 2)
        #expect(server.pauses.withLock { $0.count } == 1)
    }

    @Test func `what Milvus cannot hold is named by row`() async throws {
        let store = try store("Milvus")
        var sink = StoreSink(try store.open(FakeServer(store.database())), source: "job")
        _ = try await sink.begin(Sample.schema())
        var records = Sample.records(0..<3)
        records[1].text = String(repeating: "x", count: 70_000)
        let error = await #expect(throws: DataError.self) { try await sink.write(Sample.batch(records)) }
        #expect(error?.place == "in.jsonl:2" && error?.description.contains("65535 bytes") == true)
    }

    @Test(arguments: ["Chroma", "Milvus", "Elasticsearch", "OpenSearch", "Weaviate"])
    func `what a database does not store is refused before the first row`(name: String) async throws {
        let store = try store(name)
        let server = FakeServer(store.database())
        for schema in [Sample.schema(kind: .sparse), VectorSchema(width: 2, elementType: .float16)] {
            var sink = StoreSink(try store.open(server), source: "job")
            let error = await #expect(throws: DataError.self) { _ = try await sink.begin(schema) }
            #expect(error?.code == .unsupported)
        }
        #expect(server.log.isEmpty)
    }
}
