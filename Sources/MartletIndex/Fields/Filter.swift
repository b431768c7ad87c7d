/// A condition on fields, such as `year >= 2024 and tag = "food"`.
///
/// Comparisons are `=`, `!=`, `<`, `<=`, `>`, `>=`, `in (…)`, `contains` and `exists`; `and`, `or`, `not` and
/// parentheses combine them. Names with other characters than letters, digits, `_`, `-` and `.` are written
/// in backticks; strings in double or single quotes; dates as 2024-05-31 or "2024-05-31T12:00:00Z". `=` and
/// `in` of a list ask whether one of its strings is equal; `contains` of a string asks for a part of it. A
/// record without the field satisfies `!=` and `not`, and no other comparison.
public struct Filter: Sendable, Hashable {
    let root: Node

    indirect enum Node: Sendable, Hashable {
        /// Lists, so that a long condition is no deeper than its parentheses: it is walked recursively.
        case and([Node])
        case or([Node])
        case not(Node)
        case comparison(Comparison)
    }

    struct Comparison: Sendable, Hashable {
        enum Operator: String, Sendable {
            case equal = "=", less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">=", `in`,
                contains, exists
        }
        let field: String
        let operation: Operator
        let values: [Literal]
        /// Where the field's name and the values begin, in characters.
        let position: Int
        let valuePosition: Int
    }

    enum Literal: Sendable, Hashable {
        case text(String)
        case integer(Int)
        case float(Double)
        case boolean(Bool)
        /// Milliseconds since 1970, and how it was written.
        case date(Int)
    }

    /// Parses a condition.
    /// - Throws: ``IndexError`` with the character at fault as its position.
    public init(_ text: String) throws(IndexError) {
        var parser = FilterParser(text)
        root = try parser.parse()
    }

    private init(root: Node) { self.root = root }

    /// Both conditions.
    public func and(_ other: Filter) -> Filter {
        Filter(root: .and(Self.parts(root) + Self.parts(other.root)))
    }

    private static func parts(_ node: Node) -> [Node] {
        if case .and(let nodes) = node { nodes } else { [node] }
    }
}
