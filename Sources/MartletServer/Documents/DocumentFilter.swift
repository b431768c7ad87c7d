#if Server

internal import MartletIndex
internal import MartletJSON
internal import MartletSystem

/// OpenAI's filters of attributes as conditions of the index.
enum DocumentFilter {
    /// The field that holds an attribute's values of one type: files of a store may have different ones, and a
    /// field of a collection has one. Others of the collection are the server's own.
    static func field(_ attribute: String, holding value: JSONValue) -> String {
        switch value {
        case .integer, .number: "attributes.\(attribute):number"
        case .bool: "attributes.\(attribute):boolean"
        default:
            // A text's own name may end as those of the other types do.
            [":number", ":boolean", ":string"].contains { attribute.hasSuffix($0) }
                ? "attributes.\(attribute):string" : "attributes.\(attribute)"
        }
    }

    /// An attribute's value as a field of a chunk.
    static func value(_ attribute: JSONValue) -> FieldValue? {
        switch attribute {
        case .integer(let number): .float(Double(number))
        case .number(let number): .float(number)
        case .bool(let flag): .boolean(flag)
        case .string(let text): .string(text)
        default: nil
        }
    }

    private static let deepest = 16
    /// What every chunk satisfies, and what none does.
    private static let (always, never) = ("file_id exists", "not file_id exists")
    private static let signs = [
        "eq": "=", "ne": "!=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "in": "in", "nin": "in",
    ]

    /// - Parameter types: The fields that the collection has: an attribute that no file has is equal to
    ///   nothing.
    static func filter(_ value: JSONValue, types: [String: FieldType]) throws(ServiceError) -> Filter {
        let text = try condition(value, types, "filters", depth: 0)
        do throws(IndexError) { return try Filter(text) } catch {
            throw ServiceError(error, parameter: "filters")
        }
    }

    private static func condition(
        _ value: JSONValue, _ types: [String: FieldType], _ place: String, depth: Int
    ) throws(ServiceError) -> String {
        guard depth < deepest else { throw .invalid("filters", "filters: more than \(deepest) levels") }
        guard let type = value["type"]?.string else {
            throw .invalid(
                "filters",
                "\(place).type: expected and, or, or a comparison such as eq, found \(value["type"]?.kind ?? "nothing")"
            )
        }
        if type == "and" || type == "or" {
            guard let parts = value["filters"]?.array, !parts.isEmpty else {
                throw .invalid("filters", "\(place).filters: expected a list of filters")
            }
            var texts: [String] = []
            for (index, part) in parts.enumerated() {
                texts.append(
                    "(\(try condition(part, types, "\(place).filters[\(index)]", depth: depth + 1)))")
            }
            return texts.joined(separator: " \(type) ")
        }
        guard let sign = signs[type] else {
            throw .invalid(
                "filters",
                "\(place).type is \(type.quotedForMessage), expected and, or, eq, ne, gt, gte, lt, lte, in or nin"
            )
        }
        guard let key = value["key"]?.string else {
            throw .invalid("filters", "\(place).key: expected an attribute's name")
        }
        guard sign == "in" else {
            return try comparison(key, sign, value["value"] ?? .null, types, "\(place).value")
        }
        guard let list = value["value"]?.array, !list.isEmpty else {
            throw .invalid("filters", "\(place).value: expected a list")
        }
        // Values of one type are in one field.
        var literals: [String: [String]] = [:]
        for (index, element) in list.enumerated() {
            let place = "\(place).value[\(index)]"
            let literal = try literal(element, place)
            guard let name = try name(key, of: element, types, place) else { continue }
            literals[name, default: []].append(literal)
        }
        let parts = literals.sorted { $0.key < $1.key }
            .map { "`\($0.key)` in (\($0.value.joined(separator: ", ")))" }
        let text = parts.isEmpty ? never : "(\(parts.joined(separator: " or ")))"
        return type == "nin" ? "not (\(text))" : text
    }

    private static func comparison(
        _ key: String, _ sign: String, _ value: JSONValue, _ types: [String: FieldType], _ place: String
    ) throws(ServiceError) -> String {
        let literal = try literal(value, place)
        guard let name = try name(key, of: value, types, place) else { return sign == "!=" ? always : never }
        return "`\(name)` \(sign) \(literal)"
    }

    /// The field that a value is compared with; nil: no file has the attribute.
    private static func name(
        _ key: String, of value: JSONValue, _ types: [String: FieldType], _ place: String
    ) throws(ServiceError) -> String? {
        let name = field(key, holding: value)
        if types[name] != nil { return name }
        let others: [(value: JSONValue, kind: String)] = [
            ("", "a string"), (0, "a number"), (true, "true or false"),
        ]
        if let other = others.first(where: { types[field(key, holding: $0.value)] != nil }) {
            throw .invalid(
                "filters",
                "\(place): the attribute \(key.quotedForMessage) is \(other.kind) in all files of the store; compare it with that"
            )
        }
        return nil
    }

    private static func literal(_ value: JSONValue, _ place: String) throws(ServiceError) -> String {
        switch value {
        case .string(let text):
            return "\"" + text.replacing(each: "\\", by: "\\\\").replacing(each: "\"", by: "\\\"") + "\""
        case .integer(let number): return "\(number)"
        case .number(let number) where number.isFinite: return "\(number)"
        case .bool(let flag): return "\(flag)"
        case let other:
            throw .invalid(
                "filters",
                "\(place): expected a string, a number, true or false, found \(other.kind)")
        }
    }
}

#endif
