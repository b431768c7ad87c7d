import MartletHTTP
import MartletJSON

@testable import MartletVectorStores

struct FakeMilvus: FakeDatabase {
    private var collections: [String: JSONValue] = [:]
    private var stored: [String: [String: JSONValue]] = [:]

    var rows: [String] {
        (stored["c"] ?? [:]).map { id, row in
            "\(id): \(row["embedding"]?.firstNumber ?? "-") \(row["text"]?.string ?? "-")"
        }
    }

    mutating func answer(_ request: FakeRequest) -> HTTPAnswer {
        let body = request.body
        let name = body["collectionName"]?.string ?? ""
        switch request.line {
        case "POST /v2/vectordb/collections/has":
            return data(.object([("has", .bool(collections[name] != nil))]))
        case "POST /v2/vectordb/collections/create": collections[name] = body
        case "POST /v2/vectordb/entities/get":
            return data(.array((body["id"]?.array ?? []).compactMap { stored[name]?[$0.string ?? ""] }))
        case "POST /v2/vectordb/entities/upsert":
            guard collections[name] != nil else { return refusal("collection not found") }
            let rows = body["data"]?.array ?? []
            guard !rows.contains(where: { $0["text"]?.string == "bad" }) else {
                return refusal("wrong input")
            }
            for row in rows { stored[name, default: [:]][row["id"]?.string ?? "-"] = row }
        case "POST /v2/vectordb/entities/delete":
            let list = (body["filter"]?.string ?? "").dropFirst("id in ".count)
            let ids = (try? JSONValue.parse(utf8: String(list)))?.array ?? []
            for id in ids { stored[name]?[id.string ?? "-"] = nil }
        default: return .json(404, "{\"message\":\"no route\"}")
        }
        return data(.object([]))
    }

    private func data(_ value: JSONValue) -> HTTPAnswer {
        .json(200, .object([("code", .integer(0)), ("data", value)]))
    }

    private func refusal(_ reason: String) -> HTTPAnswer {
        .json(200, .object([("code", .integer(1100)), ("message", .string(reason))]))
    }
}
