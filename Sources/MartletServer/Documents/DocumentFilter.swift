#if Server

internal import MartletIndex
internal import MartletJSON

/// OpenAI's filters of attributes as conditions of the index.
enum DocumentFilter {
    /// The field that holds an attribute: others of the collection are the server's own.
    static func field(_ attribute: String) -> String { "attributes.\(attribute)" }

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
        guard types[field(key)] != nil else { return type == "ne" || type == "nin" ? always : never }
        let name = "`\(field(key))`"
        guard sign == "in" else { return "\(name) \(sign) \(try literal(value["value"], "\(place).value"))" }
        guard let list = value["value"]?.array, !list.isEmpty else {
            throw .invalid("filters", "\(place).value: expected a list")
        }
        var texts: [String] = []
        for (index, element) in list.enumerated() {
            texts.append(try literal(element, "\(place).value[\(index)]"))
        }
        let text = "\(name) in (\(texts.joined(separator: ", ")))"
        return type == "nin" ? "not \(text)" : text
    }

    private static func literal(_ value: JSONValue?, _ place: String) throws(ServiceError) -> String {
        switch value {
        case .string(let text)?:
            return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
        case .integer(let number)?: return "\(number)"
        case .number(let number)? where number.isFinite: return "\(number)"
        case .bool(let flag)?: return "\(flag)"
        case let other:
            throw .invalid(
                "filters",
                "\(place): expected a string, a number, true or false, found \(other?.kind ?? "nothing")")
        }
    }
}

#endif
