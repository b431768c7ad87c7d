/// Reads the part of Oniguruma's syntax that split patterns of tokenizers use. What it does not know is an
/// error, never a guess.
struct RegexParser {
    let scalars: [Unicode.Scalar]
    private let pattern: String
    var position = 0
    private var ignoresCase = false
    var depth = 0
    /// How deep the nodes of what was read last are nested: groups, and repetitions of repetitions.
    private var height = 0
    private static let maxDepth = 64

    init(_ pattern: String) {
        self.pattern = pattern
        scalars = Array(pattern.unicodeScalars)
    }

    mutating func parse() throws(RegexError) -> RegexNode {
        let node = try alternation()
        guard position == scalars.count else {
            throw unsupported("a closing parenthesis without an opening one")
        }
        return node
    }

    func unsupported(_ what: String) -> RegexError {
        RegexError(
            message: "the pattern \"\(pattern)\" has \(what) at character \(position), which is not supported"
        )
    }

    var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    mutating func take(_ text: String) -> Bool {
        let wanted = Array(text.unicodeScalars)
        guard scalars.count - position >= wanted.count,
            Array(scalars[position..<position + wanted.count]) == wanted
        else { return false }
        position += wanted.count
        return true
    }

    private mutating func alternation() throws(RegexError) -> RegexNode {
        depth += 1
        guard depth <= Self.maxDepth else { throw unsupported("groups nested deeper than \(Self.maxDepth)") }
        defer { depth -= 1 }
        let outer = ignoresCase
        var branches = [try sequence()]
        var tallest = height
        while take("|") {
            branches.append(try sequence())
            tallest = max(tallest, height)
        }
        height = tallest
        try nest()
        ignoresCase = outer
        return branches.count == 1 ? branches[0] : .alternation(branches)
    }

    private mutating func sequence() throws(RegexError) -> RegexNode {
        var nodes: [RegexNode] = []
        var tallest = 0
        while let scalar = next, scalar != "|", scalar != ")" {
            height = 0
            if let node = try item() { nodes.append(try quantified(node)) }
            tallest = max(tallest, height)
        }
        height = tallest
        return nodes.count == 1 ? nodes[0] : .sequence(nodes)
    }

    private mutating func nest() throws(RegexError) {
        height += 1
        guard height <= Self.maxDepth else {
            throw unsupported("groups and repetitions nested deeper than \(Self.maxDepth)")
        }
    }

    private mutating func quantified(_ node: RegexNode) throws(RegexError) -> RegexNode {
        var node = node
        var stacked = 0
        while let bounds = try quantifier() {
            stacked += 1
            guard stacked <= 8 else { throw unsupported("more than 8 repetitions of one another") }
            try nest()
            guard !node.canBeEmpty else { throw unsupported("a repetition of what may be empty") }
            var mode = RegexNode.RepeatMode.greedy
            if take("?") {
                mode = .lazy
            } else if !bounds.isCounted, take("+") {
                mode = .possessive
            }
            node = .repeated(node, minimum: bounds.minimum, maximum: bounds.maximum, mode)
        }
        return node
    }

    private mutating func quantifier() throws(RegexError) -> (minimum: Int, maximum: Int?, isCounted: Bool)? {
        if take("?") { return (0, 1, false) }
        if take("*") { return (0, nil, false) }
        if take("+") { return (1, nil, false) }
        guard take("{") else { return nil }
        let minimum = number()
        var maximum = minimum
        if take(",") { maximum = number() }
        guard take("}"), minimum ?? maximum != nil else { throw unsupported("a brace that is no repetition") }
        guard maximum ?? 0 <= 1000, minimum ?? 0 <= maximum ?? 1000 else {
            throw unsupported("a repetition out of bounds")
        }
        return (minimum ?? 0, maximum, true)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let scalar = next, let digit = Int(String(scalar)), value ?? 0 < 10_000 {
            value = (value ?? 0) * 10 + digit
            position += 1
        }
        return value
    }

    private mutating func item() throws(RegexError) -> RegexNode? {
        guard let scalar = next else { return nil }
        switch scalar {
        case "(": return try group()
        case "[": return .set(finish(try bracketed()))
        case ".":
            position += 1
            var set = CharacterSet(0x0A)
            set.isNegated = true
            return .set(finish(set))
        case "^":
            position += 1
            return .anchor(.lineStart)
        case "$":
            position += 1
            return .anchor(.lineEnd)
        case "\\":
            for (escape, anchor) in [
                ("\\A", RegexAnchor.textStart), ("\\z", .textEnd), ("\\Z", .textEndOrLastLine),
                ("\\b", .wordBoundary),
                ("\\B", .notWordBoundary),
            ] where take(escape) { return .anchor(anchor) }
            if take("\\w") || take("\\W") {
                return .set(finish(.word(isNegated: scalars[position - 1] == "W")))
            }
            return .set(finish(try escape()))
        case "?", "*", "+", "{": throw unsupported("a repetition of nothing")
        default:
            position += 1
            return .set(finish(CharacterSet(scalar.value)))
        }
    }

    private func finish(_ set: CharacterSet) -> CharacterSet {
        var set = set
        set.ignoresCase = ignoresCase
        set.prepare()
        return set
    }

    private mutating func group() throws(RegexError) -> RegexNode? {
        position += 1
        let outer = ignoresCase
        defer { ignoresCase = outer }
        func body() throws(RegexError) -> RegexNode {
            let node = try alternation()
            guard take(")") else { throw unsupported("a group that is not closed") }
            return node
        }
        if take("?:") { return try body() }
        if take("?=") { return .look(try body(), isAhead: true, isNegative: false) }
        if take("?!") { return .look(try body(), isAhead: true, isNegative: true) }
        if take("?>") { return .atomic(try body()) }
        if take("?<=") { return .look(try fixed(try body()), isAhead: false, isNegative: false) }
        if take("?<!") { return .look(try fixed(try body()), isAhead: false, isNegative: true) }
        if take("?i:") || take("?-i:") {
            ignoresCase = scalars[position - 2] == "i" && scalars[position - 3] != "-"
            return try body()
        }
        if take("?i)") {
            // To the end of the group that it stands in.
            ignoresCase = true
            let rest = try alternation()
            return rest
        }
        guard next != "?" else { throw unsupported("a group of this kind") }
        return try body()
    }

    private func fixed(_ node: RegexNode) throws(RegexError) -> RegexNode {
        guard let width = node.width else { throw unsupported("a look-behind without a fixed width") }
        guard width <= 1000 else { throw unsupported("a look-behind of more than 1000 characters") }
        return node
    }
}
