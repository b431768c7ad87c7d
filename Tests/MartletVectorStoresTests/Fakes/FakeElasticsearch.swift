import MartletHTTP
import MartletJSON

@testable import MartletVectorStores

struct FakeElasticsearch: FakeDatabase {
    private var mappings: JSONValue?
    private var stored: [String: String] = [:]

    var rows: [String] { stored.map { "\($0): \($1)" } }

    mutating func answer(_ request: FakeRequest) -> HTTPAnswer {
        switch request.line {
        case "GET /c/_mapping":
            guard let mappings else {
                return .json(404, "{\"error\":{\"reason\":\"no such index [c]\"},\"status\":404}")
            }
            return .json(200, .object([("c", .object([("mappings", mappings)]))]))
        case "PUT /c": mappings = request.body["mappings"]
        case "PUT /c/_mapping": mappings = mappings?.merging(request.body)
        case "POST /c/_bulk": return bulk(request)
        case "POST /c/_refresh": break
        default: return .json(404, "{\"error\":{\"reason\":\"no route\"}}")
        }
        return .json(200)
    }

    private mutating func bulk(_ request: FakeRequest) -> HTTPAnswer {
        let isLines = request.headers.contains { $0 == ("Content-Type", "application/x-ndjson") }
        guard isLines, request.bytes.last == UInt8(ascii: "\n") else {
            return .json(400, "{\"error\":{\"reason\":\"The bulk request must be terminated by a newline\"}}")
        }
        let lines = request.bytes.split(separator: UInt8(ascii: "\n"))
            .map { (try? JSONValue.parse(Array($0))) ?? .null }
        if lines.first?["delete"] != nil {
            for line in lines { stored[line["delete"]?["_id"]?.string ?? "-"] = nil }
            return .json(200)
        }
        var items: [JSONValue] = []
        for place in stride(from: 0, to: lines.count - 1, by: 2) {
            guard let id = lines[place]["index"]?["_id"]?.string else { return .json(400) }
            let row = lines[place + 1]
            var item: [(String, JSONValue)] = [("_id", .string(id)), ("status", .integer(201))]
            if row["text"]?.string == "bad" {
                let error = JSONValue.object([("reason", .string("failed to parse"))])
                item = [("_id", .string(id)), ("status", .integer(400)), ("error", error)]
            } else {
                stored[id] = "\(row["embedding"]?.firstNumber ?? "-") \(row["text"]?.string ?? "-")"
            }
            items.append(.object([("index", .object(item))]))
        }
        return .json(200, .object([("items", .array(items))]))
    }
}
