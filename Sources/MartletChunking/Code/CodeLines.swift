/// The lines of a source file, with how deep each one is nested.
struct CodeLines {
    struct Line: Equatable {
        /// Where it begins.
        let offset: Int
        /// Columns before its first character.
        let indent: Int
        let isBlank: Bool
        /// Open brackets before it.
        let depth: Int
        /// It begins inside a comment or a string.
        let isInside: Bool
        /// It is a comment, or an attribute, which belongs to what follows.
        let leads: Bool
        /// It begins with what ends or continues the line above: a closing bracket, `else` and the like.
        let continues: Bool
    }

    private enum State: Equatable {
        case code, lineComment
        case until(mark: String, escapes: Bool, isLong: Bool)
    }

    /// Words that continue the statement above.
    private static let continuations: Set<String> = [
        "else", "elif", "elsif", "elseif", "except", "catch", "finally", "rescue", "ensure", "end", "fi",
        "done", "esac", "then", "do",
        "where", "in", "of",
    ]

    static func all(of source: SourceText, _ language: CodeLanguage) -> [Line] {
        var lines: [Line] = []
        var scanner = CodeLines(source.bytes, language)
        var offset = 0
        while offset < source.count {
            let end = source.lineEnd(from: offset, to: source.count)
            lines.append(scanner.line(offset..<end))
            offset = end
        }
        return lines
    }

    private let bytes: [UInt8]
    private let language: CodeLanguage
    private var state = State.code
    private var depth = 0

    private init(_ bytes: [UInt8], _ language: CodeLanguage) {
        self.bytes = bytes
        self.language = language
    }

    private mutating func line(_ range: Range<Int>) -> Line {
        var first = range.lowerBound
        var indent = 0
        while first < range.upperBound, bytes[first] == 0x20 || bytes[first] == 0x09 {
            indent += bytes[first] == 0x09 ? 4 : 1
            first += 1
        }
        let isBlank = first == range.upperBound || bytes[first] == 0x0A || bytes[first] == 0x0D
        let isInside = state != .code
        let line = Line(
            offset: range.lowerBound, indent: indent, isBlank: isBlank, depth: depth, isInside: isInside,
            leads: !isBlank && (isInside || leads(first)),
            continues: !isBlank && !isInside && continues(first, range.upperBound))
        scan(first..<range.upperBound)
        return line
    }

    private func leads(_ start: Int) -> Bool {
        if bytes[start] == UInt8(ascii: "@") || starts(with: "#[", at: start) { return true }
        if language.lineComments.contains(where: { starts(with: $0, at: start) }) { return true }
        return language.blockComment.map { starts(with: $0.open, at: start) } ?? false
    }

    private func continues(_ start: Int, _ end: Int) -> Bool {
        if ")]}".utf8.contains(bytes[start]) { return true }
        let word = bytes[start..<end].prefix { 0x61...0x7A ~= $0 }
        return Self.continuations.contains(String(decoding: word, as: UTF8.self))
    }

    /// Follows comments, strings and brackets through a line.
    private mutating func scan(_ range: Range<Int>) {
        var position = range.lowerBound
        while position < range.upperBound {
            switch state {
            case .lineComment: position = range.upperBound
            case .until(let mark, let escapes, _):
                if escapes, bytes[position] == UInt8(ascii: "\\") {
                    position += 2
                } else if starts(with: mark, at: position) {
                    position += mark.utf8.count
                    state = .code
                } else {
                    position += 1
                }
            case .code: position = scanCode(position)
            }
        }
        switch state {
        case .lineComment, .until(_, _, isLong: false): state = .code
        case .code, .until: break
        }
    }

    private mutating func scanCode(_ position: Int) -> Int {
        let byte = bytes[position]
        // Letters, digits and spaces begin nothing.
        if byte == 0x20 || 0x61...0x7A ~= byte | 0x20 || 0x30...0x39 ~= byte { return position + 1 }
        if let comment = language.blockComment, starts(with: comment.open, at: position) {
            state = .until(mark: comment.close, escapes: false, isLong: true)
            return position + comment.open.utf8.count
        }
        if language.lineComments.contains(where: { starts(with: $0, at: position) }) {
            state = .lineComment
            return position + 1
        }
        if byte == UInt8(ascii: "'"), !language.hasApostrophes, let end = endOfCharacter(position) {
            return end
        }
        for (marks, isLong) in [(language.longStrings, true), (language.strings, false)] {
            for mark in marks where starts(with: mark, at: position) {
                state = .until(mark: mark, escapes: true, isLong: isLong)
                return position + mark.utf8.count
            }
        }
        if "([{".utf8.contains(byte) { depth += 1 }
        if ")]}".utf8.contains(byte) { depth = max(0, depth - 1) }
        return position + 1
    }

    /// Behind a character between apostrophes, such as '"', '{' or '\n'; nil: it is none.
    private func endOfCharacter(_ start: Int) -> Int? {
        let isEscaped = start + 1 < bytes.count && bytes[start + 1] == UInt8(ascii: "\\")
        let end = start + (isEscaped ? 3 : 2)
        return end < bytes.count && bytes[end] == UInt8(ascii: "'") ? end + 1 : nil
    }

    private func starts(with text: String, at start: Int) -> Bool {
        var position = start
        for byte in text.utf8 {
            guard position < bytes.count, bytes[position] == byte else { return false }
            position += 1
        }
        return true
    }
}
