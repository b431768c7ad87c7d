import MartletData
import MartletHTTP
import MartletJSON

/// A collection of Weaviate. The mark is the collection's description, as JSON.
/// <https://docs.weaviate.io/weaviate/api/rest>
package struct WeaviateCollection: StoreCollection {
    private let settings: StoreSettings
    private let client: StoreClient
    /// Weaviate writes names with a capital.
    private let collection: String
    /// What the server says of the collection; a change has to name all of it.
    private var definition = JSONValue.null

    package init(_ settings: StoreSettings) {
        self.settings = settings
        let key = settings.environment("WEAVIATE_API_KEY")
        let name = settings.address.collection
        collection = name.prefix(1).uppercased() + name.dropFirst()
        client = StoreClient(
            settings, name: "collection \(collection) of Weaviate", key: key,
            headers: key.map { [("Authorization", "Bearer \($0)")] } ?? [])
    }

    package var name: String { client.name }

    package func check(_ schema: VectorSchema) throws(DataError) {
        try requireDenseFloats(schema)
    }

    private var path: String { "/v1/schema/\(collection.percentEncoded)" }

    package mutating func state() async throws -> StoreState {
        let answer = try await client.send("GET", path, accepting: [404])
        guard answer.status != 404 else { return .absent }
        definition = answer.value
        let text = answer.value["description"]?.string ?? ""
        return .present(DestinationMark(try? JSONValue.parse(utf8: text)))
    }

    private func described(_ definition: JSONValue, _ mark: DestinationMark) -> JSONValue {
        var members = (definition.object?.members ?? []).map { ($0.key, $0.value) }
        members.removeAll { $0.0 == "description" }
        members.append(("description", .string(String(decoding: mark.value.text, as: UTF8.self))))
        return .object(members)
    }

    package mutating func make(_ schema: VectorSchema, _ mark: DestinationMark) async throws {
        let distance =
            switch settings.distance {
            case .cosine: "cosine"
            case .dot: "dot"
            case .euclid: "l2-squared"
            }
        var index: [(String, JSONValue)] = [("distance", .string(distance))]
        if settings.quantizesToBits { index.append(("bq", .object([("enabled", .bool(true))]))) }
        func property(_ name: String, tokenization: String) -> JSONValue {
            .object([
                ("name", .string(name)), ("dataType", .array([.string("text")])),
                ("tokenization", .string(tokenization)),
            ])
        }
        let body = JSONValue.object([
            ("class", .string(collection)), ("vectorizer", .string("none")),
            ("vectorIndexType", .string("hnsw")), ("vectorIndexConfig", .object(index)),
            (
                "properties",
                .array([
                    property("recordId", tokenization: "field"), property("text", tokenization: "word"),
                ])
            ),
        ])
        definition = try await client.send("POST", "/v1/schema", described(body, mark)).value
    }

    package func write(_ mark: DestinationMark) async throws {
        _ = try await client.send("PUT", path, described(definition, mark))
    }

    package func upsert(_ rows: [StoreRow]) async throws {
        var body = Array("{\"objects\":".utf8)
        body.appendList(rows) { row, bytes in
            bytes.append("{")
            bytes.appendMember("class", collection)
            bytes.appendMember("id", NameUUID(ofID: row.record.idText).text)
            bytes.appendMember("properties")
            bytes.append("{")
            bytes.appendMember("recordId", row.record.idText)
            if settings.storesTexts { bytes.appendMember("text", row.record.text) }
            bytes.append("}")
            bytes.appendMember("vector")
            row.appendVector(to: &bytes)
            bytes.append("}")
        }
        body.append("}")
        let answer = try await client.send("POST", "/v1/batch/objects", body)
        guard let results = answer.value.array, results.count == rows.count else {
            throw client.refusal("the answer has not one result for each row")
        }
        for (row, result) in zip(rows, results) {
            guard let errors = result["result"]?["errors"]?["error"]?.array, !errors.isEmpty else { continue }
            let reason = errors[0]["message"]?.string ?? "no reason"
            throw DataError(
                .io, at: row.record.place, "cannot be stored in \(name): \(reason.quotedForMessage)")
        }
    }
    package func key(of record: Record) -> RecordID { .text(NameUUID(ofID: record.idText).text) }

    package func remove(_ ids: [RecordID]) async throws {
        for id in ids {
            let uuid = NameUUID(ofID: id.text(index: 0)).text
            let object = "/v1/objects/\(collection.percentEncoded)/\(uuid)"
            _ = try await client.send("DELETE", object, accepting: [404])
        }
    }
}
