#if Server

internal import HTTPTypes
internal import MartletJSON

/// The routes as https://spec.openapis.org/oas/v3.1.0 describes them.
enum OpenAPIDocument {
    static func json(of server: ServerCore) -> JSONValue {
        var paths: [JSONObject.Member] = []
        let shown = server.routes.filter { !$0.isAlias }
        for path in Self.inOrder(shown.map(\.path)) {
            let members = shown.filter { $0.path == path }.map {
                JSONObject.Member(
                    key: $0.method.rawValue.lowercased(),
                    value: operation($0, hasKey: server.configuration.apiKey != nil))
            }
            paths.append(.init(key: path, value: .object(JSONObject(members))))
        }
        return .object(present: [
            "openapi": "3.1.0",
            "info": .object([
                "title": "Martlet", "version": .string(server.configuration.version),
                "description":
                    "Text embeddings, for clients of OpenAI, Text Embeddings Inference, Ollama, Cohere, Jina, Voyage, Mistral and llama.cpp",
                "license": .object(["name": "Apache-2.0", "identifier": "Apache-2.0"]),
            ]),
            "paths": .object(JSONObject(paths)),
            "components": server.configuration.apiKey == nil
                ? nil
                : .object([
                    "securitySchemes": .object(["key": .object(["type": "http", "scheme": "bearer"])])
                ]),
        ])
    }

    static func inOrder(_ paths: [String]) -> [String] {
        var seen: Set<String> = []
        return paths.filter { seen.insert($0).inserted }
    }

    private static func operation(_ route: Route, hasKey: Bool) -> JSONValue {
        let names = route.path.split(separator: "/").filter { $0.first == "{" }.map {
            String($0.dropFirst().dropLast())
        }
        let parameters = names.map { name in
            JSONValue.object([
                "name": .string(name), "in": "path", "required": true, "schema": .object(["type": "string"]),
            ])
        }
        var responses = [JSONObject.Member(key: "200", value: content(route.response, "The result"))]
        for status in statuses(route, hasKey: hasKey, hasName: !names.isEmpty) {
            let schemas = ([route.dialect] + [route.otherDialect].compactMap { $0 }).map(\.errorSchema)
            responses.append(
                .init(
                    key: "\(status.code)",
                    value: content(schemas.count == 1 ? schemas[0] : .oneOf(schemas, ""), status.text)))
        }
        return .object(present: [
            "summary": .string(route.summary), "tags": [.string(route.dialect.rawValue)],
            "operationId": .string(operationID(route)),
            "parameters": parameters.isEmpty ? nil : .array(parameters),
            "requestBody": route.request.map {
                .object([
                    "required": true, "content": .object([Self.type(of: $0): .object(["schema": $0.json])]),
                ])
            },
            "responses": .object(JSONObject(responses)),
            "security": hasKey && !route.isOpen ? [.object(["key": []])] : nil,
        ])
    }

    private static func operationID(_ route: Route) -> String {
        let parts = route.path.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        return ([route.method.rawValue.lowercased()] + parts.map(String.init)).joined(separator: "_")
    }

    private static func content(_ schema: Schema, _ text: String) -> JSONValue {
        .object([
            "description": .string(text),
            "content": .object([type(of: schema): .object(["schema": schema.json])]),
        ])
    }

    private static func type(of schema: Schema) -> String {
        if case .media(let type, _) = schema { type } else { "application/json" }
    }

    private static func statuses(_ route: Route, hasKey: Bool, hasName: Bool) -> [(code: Int, text: String)] {
        var kinds: [(ServiceError.Kind, String)] = []
        if hasKey, !route.isOpen { kinds.append((.unauthorized, "The key is missing or wrong")) }
        if route.isGuarded { kinds.append((.forbidden, "The server is not set up to allow it")) }
        if route.request != nil {
            kinds += [
                (.syntax, "The body is not JSON, or is empty"),
                (.invalid, "A member has a value that it cannot have"),
                (.bodyTooLarge, "The body is too large"), (.modelNotFound, "There is no such model"),
            ]
        } else if hasName {
            kinds.append((.modelNotFound, "There is no such model"))
        }
        if route.operation != nil {
            kinds += [
                (.overloaded(retryAfter: 1), "The queue is full"),
                (.inference, "The model gave no finite numbers"),
                (.deadline, "The request waited for too long"),
            ]
        }
        kinds.append((.unavailable, "The model cannot be loaded, or the server is starting or stopping"))
        var found: [(code: Int, text: String)] = []
        for (kind, text) in kinds {
            for dialect in [route.dialect] + [route.otherDialect].compactMap({ $0 }) {
                let code = dialect.status(kind)
                if !found.contains(where: { $0.code == code }) { found.append((code, text)) }
            }
        }
        return found.sorted { $0.code < $1.code }
    }
}

extension Dialect {
    /// The shape of `body(_:)`.
    var errorSchema: Schema {
        switch self {
        case .openAI, .own, .infinity:
            .object(
                [
                    .required(
                        "error",
                        .object(
                            [
                                .required("message", .string("")), .required("type", .string("")),
                                .required("param", .nullable(.string(""))), .required("code", .string("")),
                            ], ""))
                ], "")
        case .tei: .object([.required("error", .string("")), .required("error_type", .string(""))], "")
        case .ollama: .object([.required("error", .string(""))], "")
        case .cohere: .object([.required("message", .string(""))], "")
        case .voyage: .object([.required("detail", .string(""))], "")
        case .llama:
            .object(
                [
                    .required(
                        "error",
                        .object(
                            [
                                .required("code", .integer(400...599, "")), .required("message", .string("")),
                                .required("type", .string("")),
                            ], ""))
                ], "")
        }
    }
}

#endif
