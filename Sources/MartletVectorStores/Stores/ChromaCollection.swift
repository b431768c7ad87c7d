import MartletData
import MartletHTTP
import MartletJSON

/// A collection of Chroma, by version 2 of its interface. The mark is in the collection's metadata.
/// <https://docs.trychroma.com>
package struct ChromaCollection: StoreCollection {
    private let settings: StoreSettings
    private let client: StoreClient
    private let path: String
    /// What the server calls the collection.
    private var identifier = ""
    /// Metadata of others, which stays.
    private var metadata: [(String, JSONValue)] = []

    package init(_ settings: StoreSettings) {
        self.settings = settings
        let key = settings.environment("CHROMA_API_KEY")
        client = StoreClient(
            settings, name: "collection \(settings.address.collection) of Chroma", key: key,
            headers: key.map { [("x-chroma-token", $0)] } ?? [])
        let tenant = settings.environment("CHROMA_TENANT") ?? "default_tenant"
        let database = settings.environment("CHROMA_DATABASE") ?? "default_database"
        path =
            "/api/v2/tenants/\(tenant.percentEncoded)/databases/\(database.percentEncoded)/collections"
    }

    package var name: String { client.name }

    package func check(_ schema: VectorSchema) throws(DataError) {
        try requireDenseFloats(schema)
        guard !settings.quantizesToBits else {
            throw DataError(.unsupported, at: name, "Chroma has no binary quantization")
        }
    }

    package mutating func state() async throws -> StoreState {
        let answer = try await client.send(
            "GET", "\(path)/\(settings.address.collection.percentEncoded)", accepting: [404])
        guard answer.status != 404 else { return .absent }
        try take(answer.value)
        return .present(mark(answer.value["metadata"]))
    }

    private mutating func take(_ collection: JSONValue) throws {
        guard let id = collection["id"]?.string else {
            throw client.refusal("the answer has no id of the collection")
        }
        identifier = id
        metadata = (collection["metadata"]?.object?.members ?? []).filter { !$0.key.hasPrefix(Self.prefix) }
            .map { ($0.key, $0.value) }
    }

    private static let prefix = "martlet_"

    /// Values of Chroma's metadata are texts and numbers, so that each part of the mark is one.
    private func mark(_ metadata: JSONValue?) -> DestinationMark? {
        guard let fingerprint = metadata?[Self.prefix + "fingerprint"]?.string else { return nil }
        func part(_ name: String) -> String { metadata?[Self.prefix + name]?.string ?? "" }
        return DestinationMark(
            fingerprint: fingerprint, identity: part("identity"), source: part("source"),
            position: part("position"))
    }

    private func members(_ mark: DestinationMark) -> JSONValue {
        let members = mark.value.object?.members ?? []
        return .object(metadata + members.map { (Self.prefix + $0.key, $0.value) })
    }

    package mutating func make(_ schema: VectorSchema, _ mark: DestinationMark) async throws {
        let space =
            switch settings.distance {
            case .cosine: "cosine"
            case .dot: "ip"
            case .euclid: "l2"
            }
        let body = JSONValue.object([
            ("name", .string(settings.address.collection)), ("metadata", members(mark)),
            ("configuration", .object([("hnsw", .object([("space", .string(space))]))])),
            ("get_or_create", .bool(false)),
        ])
        try take(try await client.send("POST", path, body).value)
    }

    package func write(_ mark: DestinationMark) async throws {
        _ = try await client.send("PUT", "\(path)/\(identifier)", .object([("new_metadata", members(mark))]))
    }

    package func upsert(_ rows: [StoreRow]) async throws {
        var body: [UInt8] = Array("{".utf8)
        body.appendMember("ids")
        body.appendList(rows) { JSONText.append($0.record.idText, to: &$1) }
        body.appendMember("embeddings")
        body.appendList(rows) { $0.appendVector(to: &$1) }
        if settings.storesTexts {
            body.appendMember("documents")
            body.appendList(rows) { JSONText.append($0.record.text, to: &$1) }
        }
        body.append("}")
        _ = try await client.send("POST", "\(path)/\(identifier)/upsert", body)
    }
    package func remove(_ ids: [RecordID]) async throws {
        let list = JSONValue.array(ids.map { .string($0.text(index: 0)) })
        _ = try await client.send("POST", "\(path)/\(identifier)/delete", .object([("ids", list)]))
    }
}
