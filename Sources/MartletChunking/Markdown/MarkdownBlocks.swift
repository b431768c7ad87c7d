/// The blocks of a Markdown text, line by line: what CommonMark calls leaf and container blocks, as far as
/// they matter for where a text may be cut, with the tables and front matter that are common beside it.
struct MarkdownBlocks {
    enum Kind: Equatable {
        case paragraph, list, quote, table, html
        /// Code, between fences or indented, and front matter: cut between lines if it must be cut.
        case code
        case heading(level: Int)
        case rule
    }

    struct Block: Equatable {
        let kind: Kind
        let range: Range<Int>
    }

    private let source: SourceText
    private var lines: MarkdownLines
    private(set) var blocks: [Block] = []

    /// All blocks, in order; what is between two belongs to the first of them.
    static func all(of source: SourceText) -> [Block] {
        var reader = MarkdownBlocks(source)
        reader.read()
        return reader.blocks
    }

    private init(_ source: SourceText) {
        self.source = source
        lines = MarkdownLines(source)
    }

    private mutating func read() {
        readFrontMatter()
        while let line = lines.current {
            switch line.form {
            case .blank: lines.advance()
            case .heading(let level): single(.heading(level: level))
            case .rule: single(.rule)
            case .underline(level: 2) where source.bytes[line.range].count { $0 == UInt8(ascii: "-") } >= 3:
                single(.rule)
            case .fence(let fence): readFence(from: line.range.lowerBound, fence)
            case .item: readContainer(.list)
            case .quote: readContainer(.quote)
            case .html(let end): readHTML(until: end)
            case .text where line.indent >= 4: readIndentedCode()
            case .text, .underline:
                if isTable() { readTable() } else { readParagraph() }
            }
        }
    }

    private mutating func append(_ kind: Kind, from start: Int) {
        blocks.append(Block(kind: kind, range: start..<lines.offset))
    }

    private mutating func single(_ kind: Kind) {
        let start = lines.offset
        lines.advance()
        append(kind, from: start)
    }

    /// Between lines of three hyphens, or of three plus signs, at the very start.
    private mutating func readFrontMatter() {
        guard let mark = lines.current?.trimmed, mark == "---" || mark == "+++" else { return }
        var ahead = lines
        ahead.advance()
        while let line = ahead.current {
            ahead.advance()
            if line.trimmed == mark || mark == "---" && line.trimmed == "..." {
                lines = ahead
                append(.code, from: 0)
                return
            }
            // A rule with a paragraph after it is no front matter.
            if line.form == .blank, ahead.linesRead < 3 { return }
        }
    }

    private mutating func readFence(from start: Int, _ fence: MarkdownLines.Fence) {
        lines.advance()
        while let line = lines.current {
            lines.advance()
            if case .fence(let end) = line.form, end.closes(fence) { break }
        }
        append(.code, from: start)
    }

    /// A list or a quote, with the lines that continue it: indented ones, lazy ones, and blank ones between.
    private mutating func readContainer(_ kind: Kind) {
        let start = lines.offset
        var end = lines
        var followsBlank = false
        reading: while let line = lines.current {
            switch line.form {
            case .blank:
                if kind == .quote { break reading }
                followsBlank = true
                lines.advance()
                continue
            case .item:
                if kind == .quote, line.indent < 2 { break reading }
            case .quote:
                if kind == .list, line.indent < 2 { break reading }
            case .fence(let fence):
                if line.indent < 2 { break reading }
                lines.advance()
                while let inner = lines.current {
                    lines.advance()
                    if case .fence(let end) = inner.form, end.closes(fence) { break }
                }
                end = lines
                continue
            case .heading, .rule: if line.indent < 2 { break reading }
            case .html, .text, .underline: if followsBlank, line.indent < 2 { break reading }
            }
            followsBlank = false
            lines.advance()
            end = lines
        }
        lines = end
        append(kind, from: start)
    }

    /// To the line that has `end`, or to an empty line where that is nil.
    private mutating func readHTML(until end: String?) {
        let start = lines.offset
        while let line = lines.current {
            if end == nil, line.form == .blank { break }
            lines.advance()
            if let end, has(end, line.range) { break }
        }
        append(.html, from: start)
    }

    /// Whether a line has `mark`, which is in lower case.
    private func has(_ mark: String, _ line: Range<Int>) -> Bool {
        let mark = Array(mark.utf8)
        var rest = Array(source.text(in: line).lowercased().utf8)[...]
        while rest.count >= mark.count, !rest.starts(with: mark) { rest = rest.dropFirst() }
        return rest.count >= mark.count
    }

    private mutating func readIndentedCode() {
        let start = lines.offset
        var end = lines
        while let line = lines.current, line.form == .blank || line.indent >= 4 {
            lines.advance()
            if line.form != .blank { end = lines }
        }
        lines = end
        append(.code, from: start)
    }

    private func isTable() -> Bool {
        var ahead = lines
        guard let header = ahead.current, header.hasPipe else { return false }
        ahead.advance()
        return ahead.current?.isTableDelimiter ?? false
    }

    private mutating func readTable() {
        let start = lines.offset
        while let line = lines.current, line.form != .blank, line.hasPipe { lines.advance() }
        append(.table, from: start)
    }

    private mutating func readParagraph() {
        let start = lines.offset
        lines.advance()
        while let line = lines.current {
            switch line.form {
            case .text, .html(end: nil): lines.advance()
            case .underline(let level):
                lines.advance()
                return append(.heading(level: level), from: start)
            case .blank, .heading, .rule, .fence, .item, .quote, .html:
                return append(.paragraph, from: start)
            }
        }
        append(.paragraph, from: start)
    }
}
