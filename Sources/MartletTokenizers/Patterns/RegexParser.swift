/// Why a pattern cannot be used.
struct RegexError: Error {
    let message: String
}

/// A pattern as a tree.
indirect enum RegexNode {
    case set(CharacterSet)
    case sequence([RegexNode])
    case alternation([RegexNode])
    case repeated(RegexNode, minimum: Int, maximum: Int?, RepeatMode)
    case look(RegexNode, isAhead: Bool, isNegative: Bool)
    case atomic(RegexNode)
    case anchor(RegexAnchor)

    enum RepeatMode { case greedy, lazy, possessive }

    /// Characters that every match has; nil where they differ.
    var width: Int? {
        switch self {
        case .set: return 1
        case .look, .anchor: return 0
        case .atomic(let node): return node.width
        case .sequence(let nodes):
            var sum = 0
            for node in nodes {
                guard let width = node.width else { return nil }
                sum += width
            }
            return sum
        case .alternation(let nodes):
            guard let first = nodes.first?.width, nodes.allSatisfy({ $0.width == first }) else { return nil }
            return first
        case .repeated(let node, let minimum, let maximum, _):
            guard minimum == maximum, let width = node.width else { return nil }
            return width * minimum
        }
    }

    var canBeEmpty: Bool {
        switch self {
        case .set: false
        case .look, .anchor: true
        case .atomic(let node): node.canBeEmpty
        case .sequence(let nodes): nodes.allSatisfy(\.canBeEmpty)
        case .alternation(let nodes): nodes.contains(where: \.canBeEmpty)
        case .repeated(let node, let minimum, _, _): minimum == 0 || node.canBeEmpty
        }
    }
}

enum RegexAnchor: Sendable { case textStart, textEnd, textEndOrLastLine, lineStart, lineEnd, wordBoundary, notWordBoundary }

/// Reads the part of Oniguruma's syntax that split patterns of tokenizers use. What it does not know is an error, never a guess.
struct RegexParser {
    private let scalars: [Unicode.Scalar]
    private let pattern: String
    private var position = 0
    private var ignoresCase = false
    private var depth = 0

    init(_ pattern: String) {
        self.pattern = pattern
        scalars = Array(pattern.unicodeScalars)
    }

    mutating func parse() throws(RegexError) -> RegexNode {
        let node = try alternation()
        guard position == scalars.count else { throw unsupported("a closing parenthesis without an opening one") }
        return node
    }

    private func unsupported(_ what: String) -> RegexError {
        RegexError(message: "the pattern \"\(pattern)\" has \(what) at character \(position), which is not supported")
    }

    private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func take(_ text: String) -> Bool {
        let wanted = Array(text.unicodeScalars)
        guard scalars.count - position >= wanted.count, Array(scalars[position..<position + wanted.count]) == wanted else { return false }
        position += wanted.count
        return true
    }

    private mutating func alternation() throws(RegexError) -> RegexNode {
        depth += 1
        guard depth <= 64 else { throw unsupported("groups nested deeper than 64") }
        defer { depth -= 1 }
        let outer = ignoresCase
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        ignoresCase = outer
        return branches.count == 1 ? branches[0] : .alternation(branches)
    }

    private mutating func sequence() throws(RegexError) -> RegexNode {
        var nodes: [RegexNode] = []
        while let scalar = next, scalar != "|", scalar != ")" { if let node = try item() { nodes.append(try quantified(node)) } }
        return nodes.count == 1 ? nodes[0] : .sequence(nodes)
    }

    private mutating func quantified(_ node: RegexNode) throws(RegexError) -> RegexNode {
        var node = node
        while let bounds = try quantifier() {
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
        guard maximum ?? 0 <= 1000, minimum ?? 0 <= maximum ?? 1000 else { throw unsupported("a repetition out of bounds") }
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
                ("\\A", RegexAnchor.textStart), ("\\z", .textEnd), ("\\Z", .textEndOrLastLine), ("\\b", .wordBoundary),
                ("\\B", .notWordBoundary),
            ] where take(escape) { return .anchor(anchor) }
            if take("\\w") || take("\\W") { return .set(finish(.word(isNegated: scalars[position - 1] == "W"))) }
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
        guard node.width != nil else { throw unsupported("a look-behind without a fixed width") }
        return node
    }

    /// `[…]`
    private mutating func bracketed() throws(RegexError) -> CharacterSet {
        depth += 1
        guard depth <= 64 else { throw unsupported("classes nested deeper than 64") }
        defer { depth -= 1 }
        position += 1
        var set = CharacterSet()
        set.isNegated = take("^")
        var isFirst = true
        while true {
            guard let scalar = next else { throw unsupported("a class that is not closed") }
            if scalar == "]", !isFirst {
                position += 1
                return set
            }
            isFirst = false
            if take("&&") || take("[:") { throw unsupported("an intersection or a named class") }
            if scalar == "[" {
                set.nested.append(try bracketed())
                continue
            }
            let low = try member()
            guard let first = low.single, next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
                add(low, to: &set)
                continue
            }
            position += 1
            guard let last = try member().single, last >= first else { throw unsupported("a range out of order") }
            set.ranges.append(first...last)
        }
    }

    private mutating func member() throws(RegexError) -> CharacterSet {
        guard let scalar = next else { throw unsupported("a class that is not closed") }
        if scalar == "\\" { return try escape() }
        position += 1
        return CharacterSet(scalar.value)
    }

    private func add(_ member: CharacterSet, to set: inout CharacterSet) {
        if member.isNegated {
            set.nested.append(member)
        } else {
            set.ranges += member.ranges
            set.categories.formUnion(member.categories)
            set.otherThan += member.otherThan
        }
    }

    private mutating func escape() throws(RegexError) -> CharacterSet {
        position += 1
        guard let scalar = next else { throw unsupported("a backslash at the end") }
        position += 1
        func categories(_ mask: Categories.Mask, isNegated: Bool) -> CharacterSet {
            var set = CharacterSet()
            if isNegated { set.otherThan = [mask] } else { set.categories = mask }
            return set
        }
        switch scalar {
        case "n": return CharacterSet(0x0A)
        case "r": return CharacterSet(0x0D)
        case "t": return CharacterSet(0x09)
        case "f": return CharacterSet(0x0C)
        case "v": return CharacterSet(0x0B)
        case "s", "S": return categories(.space, isNegated: scalar == "S")
        case "w", "W": return categories(.word, isNegated: scalar == "W")
        case "d", "D": return categories(.init(named: "Nd"), isNegated: scalar == "D")
        case "p", "P":
            guard take("{") else { throw unsupported("\\\(scalar) without braces") }
            let isNegated = take("^") != (scalar == "P")
            let start = position
            while let scalar = next, scalar != "}" { position += 1 }
            var name = String.UnicodeScalarView()
            name.append(contentsOf: scalars[start..<position])
            let mask = Categories.Mask(named: String(name))
            guard take("}"), 1...2 ~= name.count, !mask.isEmpty else { throw unsupported("the property \"\(String(name))\"") }
            return categories(mask, isNegated: isNegated)
        case "x", "u":
            let isBraced = scalar == "x" && take("{")
            let digits = isBraced ? 8 : scalar == "x" ? 2 : 4
            var value: UInt32 = 0
            var count = 0
            while count < digits, let digit = next.flatMap({ UInt32(String($0), radix: 16) }) {
                value = value << 4 | digit
                position += 1
                count += 1
            }
            guard count > 0, isBraced ? take("}") : count == digits, Unicode.Scalar(value) != nil else { throw unsupported("a code point") }
            return CharacterSet(value)
        default:
            guard !(scalar.isASCII && scalar.properties.isAlphabetic), !("0"..."9" ~= scalar) else { throw unsupported("\\\(scalar)") }
            return CharacterSet(scalar.value)
        }
    }
}

extension CharacterSet {
    /// `\w` outside of brackets: Oniguruma takes the superscripts and fractions of Latin-1 for word characters there.
    static func word(isNegated: Bool) -> CharacterSet {
        var set = CharacterSet()
        set.categories = .word
        set.ranges = [0xB2...0xB3, 0xB9...0xB9, 0xBC...0xBE]
        set.isNegated = isNegated
        return set
    }

    /// The character that the set is, if it is one.
    fileprivate var single: UInt32? {
        let isRange = categories.isEmpty && otherThan.isEmpty && nested.isEmpty && !isNegated
        guard isRange, ranges.count == 1, let range = ranges.first, range.count == 1 else { return nil }
        return range.lowerBound
    }
}
