/// A recursive descent over the characters of a filter.
struct FilterParser {
    private let text: [Unicode.Scalar]
    private var index = 0
    private var depth = 0

    init(_ text: String) { self.text = Array(text.unicodeScalars) }

    mutating func parse() throws(IndexError) -> Filter.Node {
        let node = try either()
        skipSpaces()
        guard index == text.count else { throw expected("\"and\", \"or\" or the end") }
        return node
    }

    private mutating func either() throws(IndexError) -> Filter.Node {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 64 else {
            throw refused("more than 64 parentheses and \"not\"s are inside each other", at: index)
        }
        var nodes = [try both()]
        while take(word: "or") { nodes.append(try both()) }
        return nodes.count == 1 ? nodes[0] : .or(nodes)
    }

    private mutating func both() throws(IndexError) -> Filter.Node {
        var nodes = [try single()]
        while take(word: "and") { nodes.append(try single()) }
        return nodes.count == 1 ? nodes[0] : .and(nodes)
    }

    private mutating func single() throws(IndexError) -> Filter.Node {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 64 else {
            throw refused("more than 64 parentheses and \"not\"s are inside each other", at: index)
        }
        if take(word: "not") { return .not(try single()) }
        skipSpaces()
        if take("(") {
            let node = try either()
            skipSpaces()
            guard take(")") else { throw expected("\")\"") }
            return node
        }
        return try comparison()
    }

    private mutating func comparison() throws(IndexError) -> Filter.Node {
        skipSpaces()
        let position = index
        let field = try name()
        skipSpaces()
        func node(_ operation: Filter.Comparison.Operator, _ values: [Filter.Literal], _ at: Int)
            -> Filter.Node
        {
            .comparison(
                Filter.Comparison(
                    field: field, operation: operation, values: values, position: position, valuePosition: at)
            )
        }
        if take(word: "exists") { return node(.exists, [], index) }
        let isNegated = take(word: "not")
        for operation in [Filter.Comparison.Operator.in, .contains] where take(word: operation.rawValue) {
            skipSpaces()
            let place = index
            let found = node(operation, operation == .in ? try list() : [try literal()], place)
            return isNegated ? .not(found) : found
        }
        if isNegated { throw expected("\"in\" or \"contains\" after \"not\"") }
        for (symbol, operation) in Self.symbols where take(symbol) {
            skipSpaces()
            let place = index
            return node(operation, [try literal()], place)
        }
        if take("!=") {
            skipSpaces()
            let place = index
            return .not(node(.equal, [try literal()], place))
        }
        throw expected("=, !=, <, <=, >, >=, in, contains or exists after a field's name")
    }

    private static let symbols: [(String, Filter.Comparison.Operator)] = [
        ("==", .equal), ("=", .equal), ("<=", .lessOrEqual), ("<", .less), (">=", .greaterOrEqual),
        (">", .greater),
    ]

    private mutating func list() throws(IndexError) -> [Filter.Literal] {
        guard take("(") else { throw expected("\"(\" after \"in\"") }
        var values: [Filter.Literal] = []
        repeat {
            skipSpaces()
            values.append(try literal())
            skipSpaces()
        } while take(",")
        guard take(")") else { throw expected("\",\" or \")\"") }
        return values
    }

    // MARK: Names and values

    private mutating func name() throws(IndexError) -> String {
        if take("`") {
            let start = index
            while index < text.count, text[index] != "`" { index += 1 }
            guard index < text.count, index > start else { throw expected("a name and a second backtick") }
            defer { index += 1 }
            return string(start..<index)
        }
        let start = index
        while index < text.count, isNamePart(text[index]) { index += 1 }
        guard index > start else { throw expected("a field's name") }
        return string(start..<index)
    }

    private mutating func literal() throws(IndexError) -> Filter.Literal {
        let start = index
        if index < text.count, text[index] == "\"" || text[index] == "'" { return .text(try quoted()) }
        while index < text.count, isNamePart(text[index]) || "+:".unicodeScalars.contains(text[index]) {
            index += 1
        }
        let word = string(start..<index)
        if word == "true" || word == "false" { return .boolean(word == "true") }
        if let number = Int(word) { return .integer(number) }
        if let number = Double(word), number.isFinite { return .float(number) }
        if let time = Timestamp.milliseconds(word) { return .date(time) }
        index = start
        throw expected("a string in quotes, a number, a date, true or false")
    }

    private mutating func quoted() throws(IndexError) -> String {
        let (start, quote) = (index, text[index])
        index += 1
        var view = String.UnicodeScalarView()
        while index < text.count, text[index] != quote {
            // A backslash takes the next character as it is.
            if text[index] == "\\", index + 1 < text.count { index += 1 }
            view.append(text[index])
            index += 1
        }
        guard index < text.count else { throw refused("the string has no closing quote", at: start) }
        index += 1
        return String(view)
    }

    // MARK: Characters

    private func isNamePart(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar == "." || scalar == "-" || scalar.properties.isAlphabetic
            || ("0"..."9").contains(scalar)
    }

    private mutating func skipSpaces() {
        while index < text.count, text[index].properties.isWhitespace { index += 1 }
    }

    private mutating func take(_ symbol: String) -> Bool {
        let scalars = Array(symbol.unicodeScalars)
        guard text[index...].starts(with: scalars) else { return false }
        index += scalars.count
        return true
    }

    /// A keyword, in any case, that no name goes on from.
    private mutating func take(word: String) -> Bool {
        skipSpaces()
        let end = index + word.unicodeScalars.count
        guard end <= text.count, string(index..<end).lowercased() == word,
            end == text.count || !isNamePart(text[end])
        else { return false }
        index = end
        return true
    }

    private func string(_ range: Range<Int>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: text[range])
        return String(view)
    }

    private func expected(_ what: String) -> IndexError {
        let found = index < text.count ? "\"\(string(index..<min(text.count, index + 12)))\"" : "the end"
        return refused("expected \(what), found \(found)", at: index)
    }

    private func refused(_ reason: String, at position: Int) -> IndexError {
        IndexError(.invalidFilter, "filter, character \(position + 1): \(reason)", position: position)
    }
}
