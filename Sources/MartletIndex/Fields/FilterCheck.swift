/// A filter whose literals have the types of the fields.
struct CheckedFilter: Sendable {
    indirect enum Node: Sendable {
        case and([Node])
        case or([Node])
        case not(Node)
        case condition(Condition)
    }

    struct Condition: Sendable {
        let field: String
        let type: FieldType
        let operation: Filter.Comparison.Operator
        let keys: [ColumnKey]
    }

    let root: Node

    init(_ filter: Filter, schema: FieldSchema) throws(IndexError) {
        root = try Self.check(filter.root, schema)
    }

    private static func check(_ node: Filter.Node, _ schema: FieldSchema) throws(IndexError) -> Node {
        switch node {
        case .and(let nodes): .and(try check(nodes, schema))
        case .or(let nodes): .or(try check(nodes, schema))
        case .not(let a): .not(try check(a, schema))
        case .comparison(let comparison): .condition(try check(comparison, schema))
        }
    }

    private static func check(_ nodes: [Filter.Node], _ schema: FieldSchema) throws(IndexError) -> [Node] {
        try nodes.map { (node) throws(IndexError) in try check(node, schema) }
    }

    private static func check(_ comparison: Filter.Comparison, _ schema: FieldSchema) throws(IndexError)
        -> Condition
    {
        guard let type = schema.types[comparison.field] else {
            let known = schema.types.keys.sorted().prefix(20).map { "\"\($0)\"" }.joined(separator: ", ")
            throw IndexError(
                .invalidFilter,
                "filter, character \(comparison.position + 1): no record has a field \"\(comparison.field)\"; "
                    + (known.isEmpty ? "the collection has no fields" : "the fields are \(known)"),
                position: comparison.position)
        }
        if comparison.operation == .contains, !type.holdsText {
            throw IndexError(
                .invalidFilter,
                "filter, character \(comparison.position + 1): \"contains\" is for strings and lists; \"\(comparison.field)\" is \(type.withArticle)",
                position: comparison.position)
        }
        var keys: [ColumnKey] = []
        for value in comparison.values { keys.append(try key(value, type, comparison)) }
        return Condition(field: comparison.field, type: type, operation: comparison.operation, keys: keys)
    }

    private static func key(
        _ value: Filter.Literal, _ type: FieldType, _ comparison: Filter.Comparison
    ) throws(IndexError) -> ColumnKey {
        switch (type, value) {
        case (.string, .text(let text)), (.strings, .text(let text)): return .text(Array(text.utf8))
        case (.integer, .integer(let number)): return .integer(number)
        case (.integer, .float(let number)), (.float, .float(let number)):
            return .number(number == 0 ? 0 : number)
        case (.float, .integer(let number)): return .number(Double(number))
        case (.boolean, .boolean(let flag)): return .integer(flag ? 1 : 0)
        case (.date, .date(let time)): return .integer(time)
        case (.date, .text(let text)):
            if let time = Timestamp.milliseconds(text) { return .integer(time) }
        default: break
        }
        let wanted =
            switch type {
            case .string, .strings: "a string in quotes"
            case .integer, .float: "a number"
            case .boolean: "true or false"
            case .date: "a date, such as 2024-05-31"
            }
        throw IndexError(
            .invalidFilter,
            "filter, character \(comparison.valuePosition + 1): \"\(comparison.field)\" is \(type.withArticle); compare it with \(wanted)",
            position: comparison.valuePosition)
    }
}
