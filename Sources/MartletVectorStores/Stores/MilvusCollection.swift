import MartletData
import MartletHTTP
import MartletJSON

/// A collection of Milvus or Zilliz, by version 2 of the RESTful interface. A collection cannot keep a text that
/// changes, so that the marks of all collections are rows of another one, `martlet_collections`.
/// <https://milvus.io/api-reference/restful/v2.4.x/About.md>
package struct MilvusCollection: StoreCollection {
    private let settings: StoreSettings
    private let client: StoreClient
    private let collection: String
    private static let marks = "martlet_collections"
    /// The most bytes of a VarChar.
    private static let longestText = 65535
    private static let longestID = 512

    package init(_ settings: StoreSettings) {
        self.settings = settings
        collection = settings.address.collection
        let key = settings.environment("MILVUS_TOKEN")
        client = StoreClient(
            settings, name: "collection \(collection) of Milvus", key: key,
            headers: key.map { [("Authorization", "Bearer \($0)")] } ?? [])
    }

    package var name: String { client.name }

    package func check(_ schema: VectorSchema) throws(DataError) {
        try requireDenseFloats(schema)
        guard !settings.quantizesToBits else {
            throw DataError(.unsupported, at: name, "binary quantization of Milvus is not set here")
        }
    }

    /// Codes that another attempt may change: a server that starts or has no node free, limits of rates, and
    /// a collection that is not loaded yet. Source: pkg/util/merr/errors.go of Milvus.
    private static let passing: Set<Int> = [1, 2, 4, 8, 12, 101, 103, 106, 503, 1807]

    /// The member `data` of an answer. Refusals come with status 200 and a code.
    @discardableResult
    private func call(_ path: String, _ body: [UInt8]) async throws -> JSONValue {
        let answer: StoreClient.Answer
        do {
            answer = try await client.send("POST", "/v2/vectordb/\(path)", body) { value in
                guard let code = value["code"]?.int, Self.passing.contains(code) else { return nil }
                return "answered \(value["message"]?.string ?? "code \(code)")"
            }
        } catch let failure as RetryingClient.Failure where failure.status == 404 {
            throw RetryingClient.Failure(
                reason: "\(failure.reason); Milvus has version 2 of its RESTful interface from 2.4 on",
                status: 404)
        }
        let code = answer.value["code"]?.int ?? 0
        guard code == 0 || code == 200 else {
            throw client.refusal(answer.value["message"]?.string ?? "code \(code)")
        }
        return answer.value["data"] ?? .null
    }

    @discardableResult
    private func call(_ path: String, _ members: [(String, JSONValue)]) async throws -> JSONValue {
        try await call(path, JSONValue.object(members).text)
    }

    // MARK: The collection

    private func exists(_ name: String) async throws -> Bool {
        try await call("collections/has", [("collectionName", .string(name))])["has"]?.bool ?? false
    }

    package mutating func state() async throws -> StoreState {
        guard try await exists(collection) else { return .absent }
        guard try await exists(Self.marks) else { return .present(nil) }
        let found = try await call(
            "entities/get",
            [
                ("collectionName", .string(Self.marks)), ("id", .array([.string(collection)])),
                ("outputFields", .array([.string("mark")])),
            ])
        let text = found[0]?["mark"]?.string ?? ""
        return .present(DestinationMark(try? JSONValue.parse(utf8: text)))
    }

    private static func field(
        _ name: String, _ type: String, _ parameter: (String, Int), isKey: Bool = false
    ) -> JSONValue {
        var members: [(String, JSONValue)] = [("fieldName", .string(name)), ("dataType", .string(type))]
        if isKey { members.append(("isPrimary", .bool(true))) }
        members.append(("elementTypeParams", .object([(parameter.0, .string("\(parameter.1)"))])))
        return .object(members)
    }

    private func make(_ name: String, width: Int, text: String, metric: String) async throws {
        let fields: [JSONValue] = [
            Self.field("id", "VarChar", ("max_length", Self.longestID), isKey: true),
            Self.field("embedding", "FloatVector", ("dim", width)),
            Self.field(text, "VarChar", ("max_length", Self.longestText)),
        ]
        let index: [(String, JSONValue)] = [
            ("fieldName", .string("embedding")), ("indexName", .string("embedding")),
            ("metricType", .string(metric)), ("params", .object([("index_type", .string("AUTOINDEX"))])),
        ]
        try await call(
            "collections/create",
            [
                ("collectionName", .string(name)),
                (
                    "schema",
                    .object([
                        ("autoId", .bool(false)), ("enableDynamicField", .bool(false)),
                        ("fields", .array(fields)),
                    ])
                ), ("indexParams", .array([.object(index)])),
                ("params", .object([("consistencyLevel", .string("Strong"))])),
            ])
    }

    /// The mark comes first: without it a run that ends here could not go on.
    package mutating func make(_ schema: VectorSchema, _ mark: DestinationMark) async throws {
        let metric =
            switch settings.distance {
            case .cosine: "COSINE"
            case .dot: "IP"
            case .euclid: "L2"
            }
        if try await !exists(Self.marks) {
            try await make(Self.marks, width: 2, text: "mark", metric: "L2")
        }
        try await write(mark)
        try await make(collection, width: schema.width, text: "text", metric: metric)
    }

    package func write(_ mark: DestinationMark) async throws {
        let row = JSONValue.object([
            ("id", .string(collection)), ("embedding", .array([.integer(0), .integer(0)])),
            ("mark", .string(String(decoding: mark.value.text, as: UTF8.self))),
        ])
        try await call(
            "entities/upsert", [("collectionName", .string(Self.marks)), ("data", .array([row]))])
    }

    // MARK: Rows

    package func upsert(_ rows: [StoreRow]) async throws {
        var body: [UInt8] = Array("{".utf8)
        body.appendMember("collectionName", collection)
        body.appendMember("data")
        for row in rows { try check(row.record) }
        body.appendList(rows) { row, bytes in
            bytes.append("{")
            bytes.appendMember("id", row.record.idText)
            bytes.appendMember("embedding")
            row.appendVector(to: &bytes)
            bytes.appendMember("text", settings.storesTexts ? row.record.text : "")
            bytes.append("}")
        }
        body.append("}")
        try await call("entities/upsert", body)
    }

    package func remove(_ ids: [RecordID]) async throws {
        let list = JSONValue.array(ids.map { .string($0.text(index: 0)) })
        try await call(
            "entities/delete",
            [
                ("collectionName", .string(collection)),
                ("filter", .string("id in " + String(decoding: list.text, as: UTF8.self))),
            ])
    }

    private func check(_ record: Record) throws(DataError) {
        guard record.idText.utf8.count <= Self.longestID else {
            throw DataError(
                .field, at: record.place, "the id has more than \(Self.longestID) bytes, the most in \(name)",
                remedies: [.nameIDField])
        }
        guard !settings.storesTexts || record.text.utf8.count <= Self.longestText else {
            throw DataError(
                .field, at: record.place,
                "the text has more than \(Self.longestText) bytes, the most that Milvus stores",
                remedies: [.advice("store vectors without texts"), .advice("cut texts into chunks")])
        }
    }
}
