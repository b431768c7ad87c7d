import MartletHTTP
import MartletJSON

@testable import MartletVectorStores

struct FakeWeaviate: FakeDatabase {
    private var definition: JSONValue?
    private var stored: [String: String] = [:]

    var rows: [String] { stored.map { "\($0): \($1)" } }

    mutating func answer(_ request: FakeRequest) -> HTTPAnswer {
        let body = request.body
        switch request.line {
        case "GET /v1/schema/C": return definition.map { .json(200, $0) } ?? HTTPAnswer(status: 404)
        case "POST /v1/schema":
            guard body["class"]?.string == "C" else { return .json(422) }
            definition = body.merging(.object([("replicationConfig", .object([("factor", .integer(1))]))]))
            return .json(200, definition ?? .null)
        case "PUT /v1/schema/C":
            // All that may not change has to be there.
            guard body["replicationConfig"] != nil,
                body["vectorIndexConfig"] == definition?["vectorIndexConfig"]
            else { return .json(422, "{\"error\":[{\"message\":\"immutable\"}]}") }
            definition = body
        case "POST /v1/batch/objects":
            var results: [JSONValue] = []
            for object in body["objects"]?.array ?? [] {
                let text = object["properties"]?["text"]?.string ?? "-"
                var result: [(String, JSONValue)] = [("status", .string("SUCCESS"))]
                if text == "bad" {
                    let error = JSONValue.object([("message", .string("invalid object"))])
                    result = [
                        ("status", .string("FAILED")), ("errors", .object([("error", .array([error]))])),
                    ]
                } else {
                    stored[object["id"]?.string ?? "-"] = "\(object["vector"]?.firstNumber ?? "-") \(text)"
                }
                results.append(object.merging(.object([("result", .object(result))])))
            }
            return .json(200, .array(results))
        case _ where request.line.hasPrefix("DELETE /v1/objects/C/"):
            let id = String(request.path.dropFirst("/v1/objects/C/".count))
            guard stored.removeValue(forKey: id) != nil else { return HTTPAnswer(status: 404) }
            return HTTPAnswer(status: 204)
        default: return .json(404, "{\"error\":[{\"message\":\"no route\"}]}")
        }
        return .json(200, definition ?? .null)
    }
}
