import MartletHTTP
import MartletJSON

@testable import MartletVectorStores

struct FakeChroma: FakeDatabase {
    private var collection: JSONValue?
    private var stored: [String: String] = [:]

    var rows: [String] { stored.map { "\($0): \($1)" } }

    mutating func answer(_ request: FakeRequest) -> HTTPAnswer {
        let base = "/api/v2/tenants/default_tenant/databases/default_database/collections"
        let body = request.body
        switch request.line {
        case "GET \(base)/c":
            return collection.map { .json(200, $0) }
                ?? .json(404, "{\"error\":\"NotFoundError\",\"message\":\"no c\"}")
        case "POST \(base)":
            collection = body.merging(.object([("id", .string("uuid-1"))]))
            return .json(200, collection ?? .null)
        case "PUT \(base)/uuid-1":
            collection = collection?.merging(.object([("metadata", body["new_metadata"] ?? .null)]))
        case "POST \(base)/uuid-1/upsert":
            let ids = body["ids"]?.array?.compactMap(\.string) ?? []
            guard Set(ids).count == ids.count else { return .json(400, "{\"message\":\"duplicate ids\"}") }
            let texts = body["documents"]?.array?.compactMap(\.string)
            if texts?.contains("bad") == true { return .json(400, "{\"message\":\"Wrong input\"}") }
            for (place, id) in ids.enumerated() {
                stored[id] = "\(body["embeddings"]?[place]?.firstNumber ?? "-") \(texts?[place] ?? "-")"
            }
        case "POST \(base)/uuid-1/delete":
            for id in body["ids"]?.array?.compactMap(\.string) ?? [] { stored[id] = nil }
        default: return .json(404, "{\"message\":\"no route\"}")
        }
        return .json(200)
    }
}
