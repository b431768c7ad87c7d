import MartletHTTP
import MartletJSON

@testable import MartletVectorStores

struct FakeQdrant: FakeDatabase {
    private var config: JSONValue?
    private var points: [String: (vectors: JSONValue, payload: JSONValue)] = [:]

    var rows: [String] {
        points.map { id, point in
            let parts = (point.vectors.object?.members ?? []).map { "\($0.key) \($0.value.firstNumber)" }
            return
                "\(id): \(parts.sorted().joined(separator: ", ")) \(point.payload["document"]?.string ?? "-")"
        }
    }

    mutating func answer(_ request: FakeRequest) -> HTTPAnswer {
        let body = request.body
        switch request.line {
        case "GET /collections/c":
            guard let config else {
                return .json(404, "{\"status\":{\"error\":\"Not found: Collection `c` doesn't exist!\"}}")
            }
            return .json(200, .object([("result", .object([("config", config)]))]))
        case "PUT /collections/c":
            config = .object([("params", body), ("metadata", body["metadata"] ?? .null)])
        case "PATCH /collections/c":
            guard let before = config else { return .json(404) }
            let metadata = (before["metadata"] ?? .null).merging(body["metadata"])
            let params = (before["params"] ?? .null).merging(
                .object([("patched", body["sparse_vectors"] ?? .null)]))
            config = .object([("params", params), ("metadata", metadata)])
        case "PUT /collections/c/points?wait=true":
            guard upsert(body["points"]) else {
                return .json(400, "{\"status\":{\"error\":\"Wrong input: Vector dimension error\"}}")
            }
        case "POST /collections/c/points/delete?wait=true":
            for id in body["points"]?.array ?? [] { points[id.idText] = nil }
        case "POST /collections/c/points":
            let known = (body["ids"]?.array ?? []).filter { points[$0.idText] != nil }
            return .json(200, .object([("result", .array(known.map { .object([("id", $0)]) }))]))
        case "POST /collections/c/points/batch?wait=true":
            for operation in body["operations"]?.array ?? [] {
                if let upserted = operation["upsert"] { _ = upsert(upserted["points"]) }
                for point in operation["update_vectors"]?["points"]?.array ?? [] {
                    guard let id = point["id"]?.idText, let old = points[id] else { return .json(404) }
                    points[id] = (old.vectors.merging(point["vector"]), old.payload)
                }
                for point in operation["overwrite_payload"]?["points"]?.array ?? [] {
                    points[point.idText]?.payload = operation["overwrite_payload"]?["payload"] ?? .null
                }
            }
        default: return .json(404, "{\"status\":{\"error\":\"no route\"}}")
        }
        return .json(200, "{\"result\":true}")
    }

    private mutating func upsert(_ list: JSONValue?) -> Bool {
        let width = config?["params"]?["vectors"]?["dense"]?["size"]?.int
        for point in list?.array ?? [] {
            if let numbers = point["vector"]?["dense"]?.array, numbers.count != width { return false }
            // For tests of rows that a database refuses.
            if point["payload"]?["document"]?.string == "bad" { return false }
        }
        for point in list?.array ?? [] {
            guard let id = point["id"] else { return false }
            points[id.idText] = (point["vector"] ?? .null, point["payload"] ?? .null)
        }
        return true
    }
}

extension JSONValue {
    /// The first number of a vector in any form.
    var firstNumber: String {
        if let first = self[0] { return first[0]?.idText ?? first.idText }
        return self["values"]?[0]?.idText ?? "-"
    }
}
