internal import MartletJSON
internal import MartletSystem

/// Reads a chat template of a reranker, as sentence-transformers passes pairs to it: messages of the roles
/// "query" and "document", and "system" for an instruction.
///
/// Such templates set a variable to each role's content and print the variables between literal text. That
/// much of Jinja is read; a template that does more is an error. Source:
/// https://jinja.palletsprojects.com/en/stable/templates/, with the whitespace options that transformers
/// sets: `trim_blocks` and `lstrip_blocks`.
struct PairTemplate {
    private var roles: [String: PairFrame.Part] = [:]
    private var instruction: String?
    private var parts: [PairFrame.Part] = []

    /// Whether a template is about pairs at all.
    static func describesPairs(_ template: String) -> Bool {
        ["query", "document"].allSatisfy { template.holds("\"\($0)\"") || template.holds("'\($0)'") }
    }

    /// - Parameter file: Where the template comes from, for messages.
    static func frame(_ template: String, file: String) throws(MartletError) -> PairFrame {
        var reader = PairTemplate()
        // Jinja drops one line end at the end of a template.
        var rest = Substring(template.hasSuffix("\n") ? String(template.dropLast()) : template)
        var (trims, wasBlock) = (false, false)
        while true {
            let open = rest.indices.first { index in
                rest[index] == "{" && ["{%", "{{", "{#"].contains(rest[index...].prefix(2))
            }
            var literal = rest[..<(open ?? rest.endIndex)]
            if trims {
                literal = literal.drop { $0.isWhitespace }
            } else if wasBlock, literal.first == "\n" {
                literal = literal.dropFirst()
            }
            guard let open else {
                reader.append(literal)
                break
            }
            let kind = rest[open...].prefix(2)
            let close = kind == "{%" ? "%}" : kind == "{{" ? "}}" : "#}"
            guard let end = rest[open...].range(of: close) else {
                throw .malformed(file, "the chat template has a \(kind) without its \(close)")
            }
            var inside = rest[open..<end.lowerBound].dropFirst(2)
            if inside.first == "-" {
                literal = literal.trimmingEnd(\.isWhitespace)
                inside = inside.dropFirst()
            } else if kind != "{{" {
                let line = literal.trimmingEnd { $0 == " " || $0 == "\t" }
                if line.isEmpty || line.last == "\n" { literal = line }
            }
            trims = inside.last == "-"
            if trims { inside = inside.dropLast() }
            wasBlock = kind != "{{"
            reader.append(literal)
            switch kind {
            case "{%": try reader.set(inside, file)
            case "{{": try reader.print(inside.words, file)
            default: break
            }
            rest = rest[end.upperBound...]
        }
        guard reader.parts.contains(.query), reader.parts.contains(.document) else {
            throw .unsupported(file, "the chat template does not print both the query and the document")
        }
        return PairFrame(reader.parts, instruction: reader.instruction ?? "")
    }

    private mutating func append(_ literal: Substring) {
        guard !literal.isEmpty else { return }
        if case .text(let text)? = parts.last {
            parts[parts.count - 1] = .text(text + literal)
        } else {
            parts.append(.text(String(literal)))
        }
    }

    /// `set name = messages | selectattr("role", "eq", "query") | map(attribute="content") | first`, and
    /// perhaps a default.
    private mutating func set(_ statement: Substring, _ file: String) throws(MartletError) {
        let pieces = Self.split(statement)
        let head = pieces.first?.words ?? []
        guard head.count == 4, head[0] == "set", head[2] == "=", head[3] == "messages", pieces.count >= 4
        else {
            throw unread(statement, file)
        }
        let steps = pieces[1...3].map { String($0.filter { !$0.isWhitespace }).replacingQuotes }
        guard steps[1] == "map(attribute=\"content\")", steps[2] == "first" else {
            throw unread(statement, file)
        }
        switch steps[0] {
        case "selectattr(\"role\",\"eq\",\"query\")": roles[head[1]] = .query
        case "selectattr(\"role\",\"eq\",\"document\")": roles[head[1]] = .document
        case "selectattr(\"role\",\"eq\",\"system\")": roles[head[1]] = .instruction
        default: throw unread(statement, file)
        }
        guard pieces.count > 4 else { return }
        let standard = pieces[4].trimmingEnd(\.isWhitespace).drop { $0.isWhitespace }
        guard pieces.count == 5, roles[head[1]] == .instruction, standard.hasPrefix("default("),
            standard.hasSuffix(")"),
            let text = Self.unquoted(standard.dropFirst(8).dropLast())
        else { throw unread(statement, file) }
        instruction = text
    }

    private mutating func print(_ words: [String], _ file: String) throws(MartletError) {
        guard words.count == 1, let part = roles[words[0]] else {
            throw unread(words.joined(separator: " ")[...], file)
        }
        parts.append(part)
    }

    private func unread(_ text: Substring, _ file: String) -> MartletError {
        .unsupported(
            file,
            "the chat template holds \(String(text).quotedForMessage), which is not read; variables set from messages by role, and printed, are"
        )
    }

    /// At the bars that stand outside of quotes.
    private static func split(_ text: Substring) -> [Substring] {
        var quote: Character?
        return text.split(omittingEmptySubsequences: false) { character in
            if let open = quote {
                if character == open { quote = nil }
                return false
            }
            if character == "\"" || character == "'" { quote = character }
            return character == "|"
        }
    }

    private static func unquoted(_ text: Substring) -> String? {
        guard let quote = text.first, text.count >= 2, quote == "\"" || quote == "'", text.last == quote
        else { return nil }
        let inner = text.dropFirst().dropLast()
        return inner.contains(quote) || inner.holds("\\") ? nil : String(inner)
    }
}

extension Substring {
    fileprivate var words: [String] { split { $0.isWhitespace }.map(String.init) }

    fileprivate func trimmingEnd(_ isTrimmed: (Character) -> Bool) -> Substring {
        var text = self
        while let last = text.last, isTrimmed(last) { text.removeLast() }
        return text
    }

    /// The first place of an ASCII text.
    fileprivate func range(of text: String) -> Range<Index>? {
        let found = utf8.indices.first { utf8[$0...].starts(with: text.utf8) }
        return found.map { $0..<utf8.index($0, offsetBy: text.utf8.count) }
    }
}

extension String {
    fileprivate var replacingQuotes: String { String(map { $0 == "'" ? "\"" : $0 }) }
}
