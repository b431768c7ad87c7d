internal import MartletSystem

/// What the front matter of a Markdown file says: `key: value` lines between two lines `---` at its start.
///
/// It is the part of YAML that notes use: plain and quoted scalars, lists in brackets, and lists of lines
/// that begin with a dash. Maps inside of maps and texts over several lines are left out by name.
public struct FrontMatter: Sendable {
    /// A value as it is written: its type depends on what other files have under the same key.
    public enum Value: Sendable, Hashable {
        /// A scalar, without its quotes.
        case scalar(String, isQuoted: Bool)
        /// A list of scalars.
        case list([String])
    }

    /// The values by key.
    public private(set) var values: [String: Value] = [:]
    /// What is no `key: value`, with the line in the file, from 1.
    public private(set) var leftOut: [(key: String, line: Int)] = []
    /// Bytes of the text that the front matter takes, and lines.
    public private(set) var length = 0
    /// Lines that it takes, both rules included.
    public private(set) var lines = 0

    /// - Parameter text: A whole file.
    /// - Returns: nil if it does not begin with front matter.
    public init?(of text: String) {
        guard text.hasPrefix("---") else { return nil }
        var text = text
        let found = text.withUTF8 { Self.block($0) }
        guard let found else { return nil }
        (length, lines) = (found.length, found.lines.count + 2)
        var key: String?
        var items: [String] = []
        func keep(_ values: inout [String: Value]) {
            if let key, !items.isEmpty { values[key] = .list(items) }
            items = []
        }
        for (index, line) in found.lines.enumerated() {
            let body = Self.trimmed(line)
            if body.isEmpty || body.hasPrefix("#") { continue }
            if let open = key, body == "-" || body.hasPrefix("- ") {
                let item = Self.scalar(Self.trimmed(body.dropFirst()))
                if item.isQuoted || Self.isPlain(item.text) {
                    items.append(item.text)
                } else {
                    leftOut.append((open, index + 2))
                }
                continue
            }
            if let first = line.first, first == " " || first == "\t" {
                leftOut.append((key ?? String(body.prefix(20)), index + 2))
                continue
            }
            keep(&values)
            key = nil
            guard let (name, rest) = Self.pair(body) else {
                leftOut.append((String(body.prefix(40)), index + 2))
                continue
            }
            if rest.isEmpty {
                key = name
            } else if rest.hasPrefix("["), rest.hasSuffix("]") {
                values[name] = .list(Self.items(rest.dropFirst().dropLast()))
            } else {
                let (value, isQuoted) = Self.scalar(rest)
                if isQuoted || Self.isPlain(value) {
                    values[name] = .scalar(value, isQuoted: isQuoted)
                } else {
                    leftOut.append((name, index + 2))
                }
            }
        }
        keep(&values)
    }

    /// The lines between the rules, and the bytes of all of it; nil if the second rule is missing, or more
    /// than 64 KiB away.
    private static func block(_ bytes: UnsafeBufferPointer<UInt8>) -> (lines: [Substring], length: Int)? {
        let head = String(decoding: bytes.prefix(1 << 16), as: UTF8.self)
        var lines: [Substring] = []
        var length = 0
        for (index, line) in head.split(
            omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" || $0 == "\r\n" }
        ).enumerated() {
            let end = line.endIndex
            length += line.utf8.count
            if end < head.endIndex { length += head[end].utf8.count }
            let isRule = line.hasPrefix("---") && trimmed(line.dropFirst(3)).isEmpty
            if index == 0 {
                guard isRule else { return nil }
            } else if isRule || (line.hasPrefix("...") && trimmed(line.dropFirst(3)).isEmpty) {
                return (lines, length)
            } else {
                lines.append(line)
            }
        }
        return nil
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }

    /// A key and what is after its colon.
    private static func pair(_ line: Substring) -> (String, Substring)? {
        guard let colon = line.firstIndex(of: ":") else { return nil }
        let rest = line[line.index(after: colon)...]
        guard rest.isEmpty || rest.first?.isWhitespace == true else { return nil }
        let name = scalar(trimmed(line[..<colon])).text
        return name.isEmpty ? nil : (name, trimmed(withoutComment(rest)))
    }

    /// A comment begins with a number sign after a space, outside of quotes.
    private static func withoutComment(_ text: Substring) -> Substring {
        var quote: Character?
        var previous: Character = " "
        for index in text.indices {
            let character = text[index]
            if let open = quote {
                if character == open { quote = nil }
            } else if (character == "\"" || character == "'") && previous.isWhitespace {
                quote = character
            } else if character == "#", previous.isWhitespace {
                return text[..<index]
            }
            previous = character
        }
        return text
    }

    private static func scalar(_ text: Substring) -> (text: String, isQuoted: Bool) {
        guard text.count >= 2, let first = text.first, first == text.last, first == "\"" || first == "'"
        else { return (String(text), false) }
        let inner = text.dropFirst().dropLast()
        if first == "'" { return (inner.replacing(each: "''", by: "'"), true) }
        return (inner.replacing(each: "\\\"", by: "\"").replacing(each: "\\\\", by: "\\"), true)
    }

    /// Not an anchor, a map, a tag, or the sign of a text over several lines.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.first else { return true }
        return !"{}&*!|>%@`[".contains(first)
    }

    /// The items of a list in brackets; a comma in quotes does not separate.
    private static func items(_ text: Substring) -> [String] {
        var items: [String] = []
        var start = text.startIndex
        var quote: Character?
        func take(_ end: Substring.Index) {
            let item = trimmed(text[start..<end])
            if !item.isEmpty { items.append(scalar(item).text) }
        }
        for index in text.indices {
            let character = text[index]
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "\"" || character == "'" {
                quote = character
            } else if character == "," {
                take(index)
                start = text.index(after: index)
            }
        }
        take(text.endIndex)
        return items
    }
}
