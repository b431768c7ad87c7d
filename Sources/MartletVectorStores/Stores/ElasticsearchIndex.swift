import MartletData
import MartletHTTP
import MartletJSON

/// An index of Elasticsearch or of OpenSearch. The mark is in the `_meta` of the mapping.
/// <https://www.elastic.co/docs/api>, <https://docs.opensearch.org>
package struct ElasticsearchIndex: StoreCollection {
    package enum Server: String, Sendable {
        case elasticsearch = "Elasticsearch"
        case opensearch = "OpenSearch"
    }

    private let settings: StoreSettings
    private let server: Server
    private let client: StoreClient
    private let path: String
    /// What others keep in `_meta`, which stays.
    private var others: [(String, JSONValue)] = []
    private static let markName = "martlet"

    package init(_ settings: StoreSettings, on server: Server) {
        self.settings = settings
        self.server = server
        let (key, header) = Self.authorization(server, settings.environment)
        client = StoreClient(
            settings, name: "index \(settings.address.collection) of \(server.rawValue)", key: key,
            headers: header.map { [("Authorization", $0)] } ?? [])
        path = "/\(settings.address.collection.percentEncoded)"
    }

    /// An API key, else a user and a password.
    private static func authorization(_ server: Server, _ environment: (String) -> String?) -> (
        secret: String?, header: String?
    ) {
        let prefix = server == .elasticsearch ? "ELASTIC" : "OPENSEARCH"
        if let key = environment("\(prefix)_API_KEY") { return (key, "ApiKey \(key)") }
        guard let password = environment("\(prefix)_PASSWORD") else { return (nil, nil) }
        let user = environment("\(prefix)_USERNAME") ?? (server == .elasticsearch ? "elastic" : "admin")
        return (password, "Basic \(String(base64: Array("\(user):\(password)".utf8)))")
    }

    package var name: String { client.name }

    package func check(_ schema: VectorSchema) throws(DataError) {
        try requireDenseFloats(schema)
        guard !settings.quantizesToBits else {
            throw DataError(
                .unsupported, at: name,
                "\(server.rawValue) quantizes by its own choice, which is not set here")
        }
    }

    package mutating func state() async throws -> StoreState {
        let answer = try await client.send("GET", "\(path)/_mapping", accepting: [404])
        guard answer.status != 404 else { return .absent }
        // Under the index's own name, which may be another than its alias.
        let meta = answer.value.object?.members.first?.value["mappings"]?["_meta"]
        others = (meta?.object?.members ?? []).filter { $0.key != Self.markName }.map { ($0.key, $0.value) }
        return .present(DestinationMark(meta?[Self.markName]))
    }

    private func meta(_ mark: DestinationMark) -> (String, JSONValue) {
        ("_meta", .object(others + [(Self.markName, mark.value)]))
    }

    package mutating func make(_ schema: VectorSchema, _ mark: DestinationMark) async throws {
        let properties = JSONValue.object([
            ("id", .object([("type", .string("keyword"))])),
            ("text", .object([("type", .string("text"))])),
            ("embedding", .object(vectorField(width: schema.width))),
        ])
        var body = [("mappings", JSONValue.object([meta(mark), ("properties", properties)]))]
        if server == .opensearch { body.append(("settings", .object([("index.knn", .bool(true))]))) }
        _ = try await client.send("PUT", path, .object(body))
    }

    private func vectorField(width: Int) -> [(String, JSONValue)] {
        switch server {
        case .elasticsearch:
            let similarity =
                switch settings.distance {
                case .cosine: "cosine"
                case .dot: "max_inner_product"
                case .euclid: "l2_norm"
                }
            return [
                ("type", .string("dense_vector")), ("dims", .integer(width)), ("index", .bool(true)),
                ("similarity", .string(similarity)),
            ]
        case .opensearch:
            let space =
                switch settings.distance {
                case .cosine: "cosinesimil"
                case .dot: "innerproduct"
                case .euclid: "l2"
                }
            let method: [(String, JSONValue)] = [
                ("name", .string("hnsw")), ("engine", .string("lucene")), ("space_type", .string(space)),
            ]
            return [
                ("type", .string("knn_vector")), ("dimension", .integer(width)), ("method", .object(method)),
            ]
        }
    }

    package func write(_ mark: DestinationMark) async throws {
        _ = try await client.send("PUT", "\(path)/_mapping", .object([meta(mark)]))
    }

    /// Rows that the server was too busy for are sent again with the others of their request.
    package func upsert(_ rows: [StoreRow]) async throws {
        var body: [UInt8] = []
        for row in rows {
            body.append("{\"index\":{")
            body.appendMember("_id", row.record.idText)
            body.append("}}\n{")
            body.appendMember("id", row.record.idText)
            if settings.storesTexts { body.appendMember("text", row.record.text) }
            body.appendMember("embedding")
            row.appendVector(to: &body)
            body.append("}\n")
        }
        let answer = try await client.send(
            "POST", "\(path)/_bulk", body, contentType: "application/x-ndjson"
        ) { value in
            Self.passing(Self.failures(value, of: "index"))
        }
        guard let items = answer.value["items"]?.array, items.count == rows.count else {
            throw client.refusal("the answer has not one item for each row")
        }
        if let first = Self.failures(answer.value, of: "index").first {
            throw DataError(
                .io, at: rows[first.row].record.place,
                "cannot be stored in \(name): answered \(first.status): \(first.reason.quotedForMessage)")
        }
    }

    private typealias Failure = (row: Int, status: Int, reason: String)

    /// Why a request is sent again: the server was too busy for one of its rows.
    private static func passing(_ failures: [Failure]) -> String? {
        failures.first { $0.status == 429 || $0.status >= 500 }.map {
            "answered \($0.status): \($0.reason)"
        }
    }

    /// - Parameter action: `index` or `delete`.
    private static func failures(_ answer: JSONValue, of action: String) -> [Failure] {
        (answer["items"]?.array ?? []).enumerated().compactMap { row, item in
            let result = item[action]
            guard let status = result?["status"]?.int, status >= 300 else { return nil }
            let error = result?["error"]
            let cause = error?["caused_by"]?["reason"]?.string.map { " (\($0))" } ?? ""
            let reason = (error?["reason"]?.string ?? "no reason") + cause
            // A document to delete that is not there is no failure.
            return action == "delete" && status == 404 ? nil : (row, status, reason)
        }
    }

    package func remove(_ ids: [RecordID]) async throws {
        var body: [UInt8] = []
        for id in ids {
            body.append("{\"delete\":{")
            body.appendMember("_id", id.text(index: 0))
            body.append("}}\n")
        }
        let answer = try await client.send(
            "POST", "\(path)/_bulk", body, contentType: "application/x-ndjson"
        ) { value in
            Self.passing(Self.failures(value, of: "delete"))
        }
        if let first = Self.failures(answer.value, of: "delete").first {
            throw client.refusal("rows are not removed: answered \(first.status): \(first.reason)")
        }
    }

    package func complete() async throws { _ = try await client.send("POST", "\(path)/_refresh") }
}
