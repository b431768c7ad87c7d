import Martlet
import MartletJSON

/// A service that embeds texts, and the form of its requests and answers. To add one: a row in `all`.
package struct Provider: Sendable {
    /// The part before the colon of a model's name.
    package let name: String
    /// Its address, without the path; empty: the user has to name one.
    package let address: String
    /// The variable of the environment that may name another address.
    package let addressVariable: String?
    /// The variable that holds the key.
    package let keyVariable: String
    /// The most texts of one request.
    package let maxTexts: Int
    let takesDimensions: Bool
    let path: @Sendable (String) -> String
    let keyHeader: @Sendable (String) -> (name: String, value: String)
    let body: @Sendable (Call) -> [(String, JSONValue)]
    let rows: @Sendable (JSONValue) -> [Row]?
    let tokens: @Sendable (JSONValue) -> Int?

    /// What one request asks for.
    struct Call {
        var model: String
        var texts: [String]
        var role: TextRole?
        var dimensions: Int?
        var mayTruncate: Bool
        var list: JSONValue { .array(texts.map { .string($0) }) }
    }

    /// A vector of an answer, and which text it belongs to.
    struct Row {
        var index: Int
        var values: [JSONValue]
    }

    package static func named(_ name: String) -> Provider? { all.first { $0.name == name } }

    /// An address that a user names, in full: without a scheme it is one of HTTP, and has the port of the
    /// provider's own address where it names none, as in `OLLAMA_HOST=0.0.0.0`.
    package func url(_ text: String) -> String {
        var text = text
        while text.hasSuffix("/") { text.removeLast() }
        guard !text.contains("://") else { return text }
        let host = text.prefix { $0 != "/" }
        let hasPort = host.last != "]" && host.contains(":")
        let port = address.split(separator: ":").last.flatMap { Int($0) }
        guard !hasPort, let port else { return "http://\(text)" }
        return "http://\(host):\(port)\(text.dropFirst(host.count))"
    }

    /// Limits and members as the providers' references state them in 2026.
    package static let all: [Provider] = [
        Provider(
            name: "openai", address: "https://api.openai.com/v1", addressVariable: "OPENAI_BASE_URL",
            keyVariable: "OPENAI_API_KEY",
            maxTexts: 256, takesDimensions: true, path: { _ in "/embeddings" }, keyHeader: bearer,
            body: { call in
                [("model", .string(call.model)), ("input", call.list), ("encoding_format", .string("float"))]
                    + optional("dimensions", call.dimensions)
            }, rows: data, tokens: { $0["usage"]?["total_tokens"]?.int }),
        Provider(
            name: "mistral", address: "https://api.mistral.ai/v1", addressVariable: nil,
            keyVariable: "MISTRAL_API_KEY", maxTexts: 64,
            takesDimensions: true, path: { _ in "/embeddings" }, keyHeader: bearer,
            body: { call in
                [("model", .string(call.model)), ("input", call.list)]
                    + optional("output_dimension", call.dimensions)
            }, rows: data, tokens: { $0["usage"]?["total_tokens"]?.int }),
        Provider(
            name: "cohere", address: "https://api.cohere.com", addressVariable: nil,
            keyVariable: "CO_API_KEY", maxTexts: 96,
            takesDimensions: true, path: { _ in "/v2/embed" }, keyHeader: bearer,
            body: { call in
                [
                    ("model", .string(call.model)), ("texts", call.list),
                    ("input_type", .string(call.role == .query ? "search_query" : "search_document")),
                    ("embedding_types", .array([.string("float")])),
                    ("truncate", .string(call.mayTruncate ? "END" : "NONE")),
                ] + optional("output_dimension", call.dimensions)
            }, rows: { lists($0["embeddings"]?["float"]) },
            tokens: { $0["meta"]?["billed_units"]?["input_tokens"]?.int }),
        Provider(
            name: "voyage", address: "https://api.voyageai.com/v1", addressVariable: nil,
            keyVariable: "VOYAGE_API_KEY", maxTexts: 128,
            takesDimensions: true, path: { _ in "/embeddings" }, keyHeader: bearer,
            body: { call in
                [
                    ("model", .string(call.model)), ("input", call.list),
                    ("truncation", .bool(call.mayTruncate)),
                ]
                    + role("input_type", call.role, query: "query", document: "document")
                    + optional("output_dimension", call.dimensions)
            }, rows: data, tokens: { $0["usage"]?["total_tokens"]?.int }),
        Provider(
            name: "jina", address: "https://api.jina.ai/v1", addressVariable: nil,
            keyVariable: "JINA_API_KEY", maxTexts: 128,
            takesDimensions: true, path: { _ in "/embeddings" }, keyHeader: bearer,
            body: { call in
                [("model", .string(call.model)), ("input", call.list), ("truncate", .bool(call.mayTruncate))]
                    + role("task", call.role, query: "retrieval.query", document: "retrieval.passage")
                    + optional("dimensions", call.dimensions)
            }, rows: data, tokens: { $0["usage"]?["total_tokens"]?.int }),
        Provider(
            name: "gemini", address: "https://generativelanguage.googleapis.com/v1beta", addressVariable: nil,
            keyVariable: "GEMINI_API_KEY", maxTexts: 100, takesDimensions: true,
            path: { "/models/\($0):batchEmbedContents" }, keyHeader: { ("x-goog-api-key", $0) },
            body: { call in
                let requests = call.texts.map { text -> JSONValue in
                    object(
                        [
                            ("model", .string("models/\(call.model)")),
                            ("content", object([("parts", .array([object([("text", .string(text))])]))])),
                        ]
                            + role(
                                "taskType", call.role, query: "RETRIEVAL_QUERY",
                                document: "RETRIEVAL_DOCUMENT")
                            + optional("outputDimensionality", call.dimensions))
                }
                return [("requests", .array(requests))]
            },
            rows: { answer in lists(.array((answer["embeddings"]?.array ?? []).map { $0["values"] ?? .null }))
            }, tokens: { _ in nil }),
        Provider(
            name: "ollama", address: "http://localhost:11434", addressVariable: "OLLAMA_HOST",
            keyVariable: "OLLAMA_API_KEY", maxTexts: 64,
            takesDimensions: true, path: { _ in "/api/embed" }, keyHeader: bearer,
            body: { call in
                [("model", .string(call.model)), ("input", call.list), ("truncate", .bool(call.mayTruncate))]
                    + optional("dimensions", call.dimensions)
            }, rows: { lists($0["embeddings"]) }, tokens: { $0["prompt_eval_count"]?.int }),
        Provider(
            name: "tei", address: "", addressVariable: "TEI_BASE_URL",
            keyVariable: "TEI_API_KEY", maxTexts: 32, takesDimensions: false,
            path: { _ in "/embed" }, keyHeader: bearer,
            body: { call in [("inputs", call.list), ("truncate", .bool(call.mayTruncate))] },
            rows: { lists($0) }, tokens: { _ in nil }),
    ]

    private static let bearer: @Sendable (String) -> (name: String, value: String) = {
        ("Authorization", "Bearer \($0)")
    }

    private static func optional(_ name: String, _ value: Int?) -> [(String, JSONValue)] {
        value.map { [(name, .integer($0))] } ?? []
    }

    private static func role(_ name: String, _ role: TextRole?, query: String, document: String) -> [(
        String, JSONValue
    )] {
        role.map { [(name, .string($0 == .query ? query : document))] } ?? []
    }

    static func object(_ members: [(String, JSONValue)]) -> JSONValue {
        .object(JSONObject(members.map { .init(key: $0.0, value: $0.1) }))
    }

    /// `{"data":[{"index":0,"embedding":[…]},…]}`, in any order.
    private static let data: @Sendable (JSONValue) -> [Row]? = { answer in
        guard let list = answer["data"]?.array else { return nil }
        let rows = list.enumerated().compactMap { place, item in
            item["embedding"]?.array.map { Row(index: item["index"]?.int ?? place, values: $0) }
        }
        return rows.count == list.count ? rows : nil
    }

    /// `[[…],…]`, in the order of the texts.
    private static func lists(_ value: JSONValue?) -> [Row]? {
        guard let list = value?.array else { return nil }
        let rows = list.enumerated().compactMap { place, item in
            item.array.map { Row(index: place, values: $0) }
        }
        return rows.count == list.count ? rows : nil
    }
}
