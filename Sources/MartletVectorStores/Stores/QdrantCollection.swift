import MartletData
import MartletHTTP
import MartletJSON

/// A collection of Qdrant, from version 1.16 on.
///
/// Vectors have the name of their kind: `dense`, `sparse` or `multi_vector`; a collection that is made for
/// dense vectors has a place for sparse ones. The marks are in the collection's metadata, one for each kind.
/// <https://api.qdrant.tech>
package struct QdrantCollection: StoreCollection {
    private let settings: StoreSettings
    private let client: StoreClient
    private let path: String
    /// Whether points may have vectors of other kinds, which must stay.
    private var hasOthers = false

    package init(_ settings: StoreSettings) {
        self.settings = settings
        let key = settings.environment("QDRANT_API_KEY")
        client = StoreClient(
            settings, name: "collection \(settings.address.collection) of Qdrant", key: key,
            headers: key.map { [("api-key", $0)] } ?? [])
        path = "/collections/\(settings.address.collection.percentEncoded)"
    }

    package var name: String { client.name }

    package func check(_ schema: VectorSchema) throws(DataError) {
        guard schema.elementType == .float32 || schema.kind == .dense && schema.elementType == .float16 else {
            throw DataError(
                .unsupported, at: name,
                "takes vectors of float32 and float16, not of \(schema.elementType.rawValue)",
                remedies: [.advice("send float32 and let Qdrant quantize")])
        }
    }

    // MARK: The collection

    package mutating func state() async throws -> StoreState {
        let answer = try await client.send("GET", path, accepting: [404])
        guard answer.status != 404 else { return .absent }
        let config = answer.value["result"]?["config"]
        let metadata = config?["metadata"]
        func mark(_ kind: VectorKind) -> DestinationMark? { DestinationMark(metadata?[Self.key(kind)]) }
        let others = VectorKind.allCases.filter { $0 != settings.kind && mark($0) != nil }
        hasOthers = !others.isEmpty
        if let mark = mark(settings.kind) { return .present(mark) }
        guard hasOthers else { return .present(nil) }
        let place = settings.kind == .sparse ? "sparse_vectors" : "vectors"
        guard config?["params"]?[place]?[settings.kind.rawValue] != nil else {
            throw DataError(
                .changedInput, at: name, "has no place for vectors of the name \(settings.kind.rawValue)",
                remedies: [.advice("name another collection"), .advice("store dense vectors first")])
        }
        return .prepared
    }

    private static func key(_ kind: VectorKind) -> String { "martlet_\(kind.rawValue)" }

    package mutating func make(_ schema: VectorSchema, _ mark: DestinationMark) async throws {
        var vectors: [(String, JSONValue)] = []
        var sparse: [(String, JSONValue)] = []
        switch schema.kind {
        case .dense:
            vectors = parameters(schema) + [("datatype", .string(schema.elementType.rawValue))]
            sparse = [(VectorKind.sparse.rawValue, .object([]))]
        case .multiVector:
            vectors =
                parameters(schema) + [("multivector_config", .object([("comparator", .string("max_sim"))]))]
        case .sparse: sparse = [(VectorKind.sparse.rawValue, .object(modifier))]
        }
        var body: [(String, JSONValue)] = [
            ("vectors", .object(vectors.isEmpty ? [] : [(schema.kind.rawValue, .object(vectors))]))
        ]
        if !sparse.isEmpty { body.append(("sparse_vectors", .object(sparse))) }
        if settings.quantizesToBits {
            body.append(
                ("quantization_config", .object([("binary", .object([("always_ram", .bool(true))]))])))
        }
        body.append(("metadata", .object([(Self.key(schema.kind), mark.value)])))
        _ = try await client.send("PUT", path, .object(body))
        guard try await state() == .present(mark) else {
            throw DataError(
                .unsupported, at: name, "does not keep metadata, which Qdrant does from version 1.16 on",
                remedies: [.advice("update the server")])
        }
    }

    private func parameters(_ schema: VectorSchema) -> [(String, JSONValue)] {
        let distance =
            switch settings.distance {
            case .cosine: "Cosine"
            case .dot: "Dot"
            case .euclid: "Euclid"
            }
        return [("size", .integer(schema.width)), ("distance", .string(distance))]
    }

    /// Weights of words are multiplied by how rare a word is.
    private var modifier: [(String, JSONValue)] {
        settings.countsRareness ? [("modifier", .string("idf"))] : []
    }

    package func join(_ mark: DestinationMark) async throws {
        if settings.kind == .sparse, settings.countsRareness {
            let sparse = JSONValue.object([(VectorKind.sparse.rawValue, .object(modifier))])
            _ = try await client.send("PATCH", path, .object([("sparse_vectors", sparse)]))
        }
        try await write(mark)
    }

    package func write(_ mark: DestinationMark) async throws {
        let metadata = JSONValue.object([(Self.key(settings.kind), mark.value)])
        _ = try await client.send("PATCH", path, .object([("metadata", metadata)]))
    }

    // MARK: Points

    package func upsert(_ rows: [StoreRow]) async throws {
        guard hasOthers else {
            var body = Array("{\"points\":".utf8)
            body.appendList(rows, appendPoint)
            body.append("}")
            _ = try await client.send("PUT", "\(path)/points?wait=true", body)
            return
        }
        let present = try await present(rows)
        let (old, new) = (
            rows.filter { present.contains(Self.id($0)) }, rows.filter { !present.contains(Self.id($0)) }
        )
        var body = Array("{\"operations\":[".utf8)
        if !new.isEmpty {
            body.append("{\"upsert\":{\"points\":")
            body.appendList(new, appendPoint)
            body.append("}}")
        }
        if !old.isEmpty {
            if !new.isEmpty { body.append(",") }
            body.append("{\"update_vectors\":{\"points\":")
            body.appendList(old) { row, bytes in
                bytes.append("{\"id\":\(Self.id(row)),\"vector\":")
                Self.appendVectors(row, to: &bytes)
                bytes.append("}")
            }
            body.append("}}")
        }
        for row in old {
            body.append(",{\"overwrite_payload\":{\"points\":[\(Self.id(row))],\"payload\":")
            appendPayload(row, to: &body)
            body.append("}}")
        }
        body.append("]}")
        _ = try await client.send("POST", "\(path)/points/batch?wait=true", body)
    }

    package func remove(_ ids: [RecordID]) async throws {
        let list = ids.map { Self.id($0, index: 0) }.joined(separator: ",")
        _ = try await client.send(
            "POST", "\(path)/points/delete?wait=true", Array("{\"points\":[\(list)]}".utf8))
    }

    /// Which of the rows the collection has, with vectors of whatever kind.
    private func present(_ rows: [StoreRow]) async throws -> Set<String> {
        let ids = "[\(rows.map(Self.id).joined(separator: ","))]"
        let body = Array("{\"ids\":\(ids),\"with_payload\":false,\"with_vector\":false}".utf8)
        let answer = try await client.send("POST", "\(path)/points", body)
        return Set(
            (answer.value["result"]?.array ?? []).compactMap { point in
                point["id"].map { String(decoding: $0.text, as: UTF8.self) }
            })
    }

    package func key(of record: Record) -> RecordID {
        .literal(Self.id(record.id, index: record.index))
    }

    /// As JSON: a number from 0 stays one, a UUID too, and other ids become UUIDs that follow from them.
    static func id(_ row: StoreRow) -> String { id(row.record.id, index: row.record.index) }

    private static func id(_ id: RecordID, index: Int) -> String {
        switch id {
        case .none: return "\(index)"
        case .literal(let text):
            if let number = UInt64(text), "\(number)" == text, number <= UInt64(Int.max) { return text }
            return "\"\(NameUUID(ofID: text).text)\""
        case .text(let text): return "\"\(NameUUID(ofID: text).text)\""
        }
    }

    private func appendPoint(_ row: StoreRow, to bytes: inout [UInt8]) {
        bytes.append("{\"id\":\(Self.id(row)),\"vector\":")
        Self.appendVectors(row, to: &bytes)
        bytes.append(",\"payload\":")
        appendPayload(row, to: &bytes)
        bytes.append("}")
    }

    private func appendPayload(_ row: StoreRow, to bytes: inout [UInt8]) {
        bytes.append("{")
        bytes.appendMember("id")
        switch row.record.id {
        case .none: bytes.append("\(row.record.index)")
        case .literal(let text): bytes.append(text)
        case .text(let text): JSONText.append(text, to: &bytes)
        }
        if settings.storesTexts { bytes.appendMember("document", row.record.text) }
        bytes.append("}")
    }

    private static func appendVectors(_ row: StoreRow, to bytes: inout [UInt8]) {
        bytes.append("{\"\(row.rows.kind.rawValue)\":")
        switch row.rows {
        case .dense: row.appendVector(to: &bytes)
        case .sparse(let rows):
            bytes.append("{\"indices\":")
            bytes.appendList(rows[row.position].indices) { JSONText.append($0, to: &$1) }
            bytes.append(",\"values\":")
            rows[row.position].values.withUnsafeBufferPointer { JSONText.append($0, to: &bytes) }
            bytes.append("}")
        case .multiVector(let rows):
            bytes.appendList(rows.ranges(of: row.position)) { range, bytes in
                rows.vectors.withUnsafeBufferPointer {
                    JSONText.append(UnsafeBufferPointer(rebasing: $0[range]), to: &bytes)
                }
            }
        }
        bytes.append("}")
    }
}
