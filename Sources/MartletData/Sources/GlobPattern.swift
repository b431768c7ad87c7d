/// A pattern of paths: `*` and `?` match within a name, `[a-c]` and `[!a-c]` one character, `**` any number
/// of folders.
public struct GlobPattern: Sendable, Hashable, CustomStringConvertible {
    public let description: String
    /// What is between slashes; nil: `**`.
    private let parts: [[Token]?]

    private enum Token: Sendable, Hashable {
        case character(Character)
        case any, many
        case oneOf([ClosedRange<Character>], isNegated: Bool)
    }

    /// A pattern of `*`, `?`, `[…]`, and `**` for any number of folders.
    public init(_ pattern: String) {
        description = pattern
        parts = pattern.split(separator: "/", omittingEmptySubsequences: true).map {
            $0 == "**" ? nil : Self.tokens($0)
        }
    }

    /// Whether a text has a character that means something in a pattern.
    public static func isPattern(_ text: String) -> Bool { text.contains { "*?[".contains($0) } }

    /// Whether the whole of a path matches. A pattern of one name is compared with the last name of the path.
    public func matches(_ path: String) -> Bool {
        let names = path.split(separator: "/", omittingEmptySubsequences: true)
        if parts.count == 1, let only = parts[0] {
            return names.last.map { Self.match(only[...], $0) } ?? false
        }
        return Self.match(parts[...], names[...])
    }

    private static func match(_ parts: ArraySlice<[Token]?>, _ names: ArraySlice<Substring>) -> Bool {
        guard let part = parts.first else { return names.isEmpty }
        guard let tokens = part else {
            return match(parts.dropFirst(), names) || (!names.isEmpty && match(parts, names.dropFirst()))
        }
        guard let name = names.first else { return false }
        return match(tokens[...], name) && match(parts.dropFirst(), names.dropFirst())
    }

    /// Goes back to the last `*` where the rest does not match, so the time grows with the product of the
    /// lengths at most.
    private static func match(_ tokens: ArraySlice<Token>, _ name: Substring) -> Bool {
        var (token, place) = (tokens.startIndex, name.startIndex)
        var star: (token: Int, place: String.Index)?
        while place < name.endIndex {
            if token < tokens.endIndex, tokens[token] == .many {
                star = (token, place)
                token += 1
            } else if token < tokens.endIndex, matches(tokens[token], name[place]) {
                token += 1
                place = name.index(after: place)
            } else if let last = star {
                place = name.index(after: last.place)
                star = (last.token, place)
                token = last.token + 1
            } else {
                return false
            }
        }
        return tokens[token...].allSatisfy { $0 == .many }
    }

    private static func matches(_ token: Token, _ character: Character) -> Bool {
        switch token {
        case .character(let wanted): wanted == character
        case .any, .many: true
        case .oneOf(let ranges, let isNegated): ranges.contains { $0.contains(character) } != isNegated
        }
    }

    private static func tokens(_ part: Substring) -> [Token] {
        var (tokens, rest): ([Token], Substring) = ([], part)
        while let character = rest.popFirst() {
            switch character {
            case "*": tokens.append(.many)
            case "?": tokens.append(.any)
            case "[":
                if let (set, after) = set(rest) {
                    tokens.append(set)
                    rest = after
                } else {
                    tokens.append(.character("["))
                }
            default: tokens.append(.character(character))
            }
        }
        return tokens
    }

    /// What is between brackets; nil if they are not closed.
    private static func set(_ text: Substring) -> (Token, rest: Substring)? {
        var rest = text
        let isNegated = rest.first == "!" || rest.first == "^"
        if isNegated { rest.removeFirst() }
        var ranges: [ClosedRange<Character>] = []
        while let character = rest.popFirst() {
            if character == "]", !ranges.isEmpty { return (.oneOf(ranges, isNegated: isNegated), rest) }
            let end = rest.dropFirst().first
            if rest.first == "-", let end, end != "]" {
                ranges.append(min(character, end)...max(character, end))
                rest = rest.dropFirst(2)
            } else {
                ranges.append(character...character)
            }
        }
        return nil
    }
}
