#if Server

internal import MartletJSON

/// The shape of a JSON value, in as much of JSON Schema as the routes need.
indirect enum Schema: Sendable {
    case string(String)
    case word([String], String)
    case integer(ClosedRange<Int>, String)
    case number(String)
    case boolean(String)
    case array(Schema, ClosedRange<Int>? = nil, String = "")
    case object([Member], String)
    case oneOf([Schema], String)
    case nullable(Schema)
    /// Not JSON.
    case media(String, String)

    struct Member: Sendable {
        let name: String
        let schema: Schema
        let isRequired: Bool

        static func required(_ name: String, _ schema: Schema) -> Member {
            Member(name: name, schema: schema, isRequired: true)
        }
        static func optional(_ name: String, _ schema: Schema) -> Member {
            Member(name: name, schema: schema, isRequired: false)
        }
    }

    /// As JSON Schema 2020-12, which OpenAPI 3.1 uses.
    var json: JSONValue {
        switch self {
        case .string(let text): Self.value("string", text)
        case .word(let words, let text): Self.value("string", text, [("enum", .strings(words))])
        case .integer(let range, let text):
            Self.value(
                "integer", text,
                (range.lowerBound == .min ? [] : [("minimum", .integer(range.lowerBound))])
                    + (range.upperBound == .max ? [] : [("maximum", .integer(range.upperBound))]))
        case .number(let text): Self.value("number", text)
        case .boolean(let text): Self.value("boolean", text)
        case .array(let element, let range, let text):
            Self.value(
                "array", text,
                [("items", element.json)]
                    + (range.map {
                        [("minItems", .integer($0.lowerBound)), ("maxItems", .integer($0.upperBound))]
                    } ?? []))
        case .object(let members, let text):
            Self.value("object", text, Self.members(members))
        case .oneOf(let choices, let text):
            .object(present: [
                "anyOf": .array(choices.map(\.json)), "description": text.isEmpty ? nil : .string(text),
            ])
        case .nullable(let schema): .object(["anyOf": .array([schema.json, .object(["type": "null"])])])
        case .media(_, let text): Self.value("string", text)
        }
    }

    private static func members(_ members: [Member]) -> [(String, JSONValue)] {
        if members.isEmpty { return [] }
        let required = members.filter(\.isRequired).map(\.name)
        let properties = JSONValue.object(pairs: members.map { ($0.name, $0.schema.json) })
        return [("properties", properties)]
            + (required.isEmpty ? [] : [("required", .strings(required))])
    }

    private static func value(_ type: String, _ text: String, _ more: [(String, JSONValue)] = []) -> JSONValue
    {
        let description: [(String, JSONValue)] = text.isEmpty ? [] : [("description", .string(text))]
        return .object(pairs: [("type", .string(type))] + description + more)
    }
}

#endif
