/// The lines of a Markdown text, each with the form that its first characters give it.
struct MarkdownLines {
    struct Fence: Equatable {
        let character: UInt8
        let length: Int
        /// Nothing follows it on its line.
        let isBare: Bool

        func closes(_ opening: Fence) -> Bool {
            isBare && character == opening.character && length >= opening.length
        }
    }

    enum Form: Equatable {
        case blank, rule, item, quote, text
        /// - Parameter end: What ends the block, in lower case; nil: an empty line ends it.
        case html(end: String?)
        case heading(level: Int)
        /// Equals signs or hyphens that make a heading of the paragraph above.
        case underline(level: Int)
        case fence(Fence)
    }

    struct Line {
        /// With its newline.
        let range: Range<Int>
        /// Columns before the first character that is no space or tab.
        let indent: Int
        let form: Form
        let hasPipe: Bool
        let isTableDelimiter: Bool
        /// Without white space at its ends, if it is short.
        let trimmed: String
    }

    private(set) var current: Line?
    private(set) var linesRead = 0
    private let source: SourceText

    init(_ source: SourceText, from start: Int = 0) {
        self.source = source
        read(from: start)
    }

    /// Where the current line begins.
    var offset: Int { current?.range.lowerBound ?? source.count }

    mutating func advance() {
        if let current {
            linesRead += 1
            read(from: current.range.upperBound)
        }
    }

    private mutating func read(from start: Int) {
        guard start < source.count else {
            current = nil
            return
        }
        let range = start..<source.lineEnd(from: start, to: source.count)
        var indent = 0
        var first = start
        while first < range.upperBound, source.bytes[first] == 0x20 || source.bytes[first] == 0x09 {
            indent += source.bytes[first] == 0x09 ? 4 - indent % 4 : 1
            first += 1
        }
        var end = range.upperBound
        while end > first, source.bytes[end - 1] == 0x20 || 0x09...0x0D ~= source.bytes[end - 1] { end -= 1 }
        let text = source.bytes[first..<end]
        let isDelimiter =
            text.contains(UInt8(ascii: "-")) && text.allSatisfy { "|:- \t".utf8.contains($0) }
            && text.contains(UInt8(ascii: "|"))
        current = Line(
            range: range, indent: indent, form: Self.form(text, indent),
            hasPipe: text.contains(UInt8(ascii: "|")),
            isTableDelimiter: isDelimiter,
            trimmed: text.count <= 4 ? String(decoding: text, as: UTF8.self) : "")
    }

    private static func form(_ text: ArraySlice<UInt8>, _ indent: Int) -> Form {
        guard let first = text.first else { return .blank }
        switch first {
        case UInt8(ascii: "#"):
            let level = text.prefix { $0 == first }.count
            let rest = text.dropFirst(level)
            return level <= 6 && indent < 4 && (rest.isEmpty || rest.first == 0x20 || rest.first == 0x09)
                ? .heading(level: level) : .text
        case UInt8(ascii: ">"): return .quote
        case UInt8(ascii: "`"), UInt8(ascii: "~"):
            let length = text.prefix { $0 == first }.count
            let rest = text.dropFirst(length)
            guard length >= 3, first != UInt8(ascii: "`") || !rest.contains(first) else { return .text }
            return .fence(Fence(character: first, length: length, isBare: rest.isEmpty))
        case UInt8(ascii: "="):
            return text.allSatisfy { $0 == first } && indent < 4 ? .underline(level: 1) : .text
        case UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "_"), UInt8(ascii: "+"):
            if indent < 4 {
                if first == UInt8(ascii: "-"), text.allSatisfy({ $0 == first }) {
                    return text.count > 1 ? .underline(level: 2) : .item
                }
                if text.count(where: { $0 == first }) >= 3, first != UInt8(ascii: "+"),
                    text.allSatisfy({ $0 == first || $0 == 0x20 || $0 == 0x09 })
                {
                    return .rule
                }
            }
            let next = text.dropFirst().first
            return first != UInt8(ascii: "_") && (next == nil || next == 0x20 || next == 0x09) ? .item : .text
        case 0x30...0x39:
            let digits = text.prefix { 0x30...0x39 ~= $0 }.count
            let mark = text.dropFirst(digits).first
            let next = text.dropFirst(digits + 1).first
            let isItem =
                digits <= 9 && (mark == UInt8(ascii: ".") || mark == UInt8(ascii: ")"))
                && (next == nil || next == 0x20 || next == 0x09)
            return isItem ? .item : .text
        case UInt8(ascii: "<"):
            if let end = end(ofHTML: text) { return .html(end: end) }
            let next = text.dropFirst().first ?? 0
            let isTag = next | 0x20 >= 0x61 && next | 0x20 <= 0x7A || next == UInt8(ascii: "/")
            // A link in angle brackets is text.
            return isTag && !text.prefix(12).contains(UInt8(ascii: ":")) ? .html(end: nil) : .text
        default: return .text
        }
    }

    /// What ends a block of HTML that may have empty lines (CommonMark 4.6, the first five kinds).
    private static func end(ofHTML text: ArraySlice<UInt8>) -> String? {
        let start = String(decoding: text.prefix(10), as: UTF8.self).lowercased()
        for (mark, end) in [("<!--", "-->"), ("<?", "?>"), ("<![cdata[", "]]>"), ("<!doctype", ">")]
        where start.hasPrefix(mark) {
            return end
        }
        for name in ["pre", "script", "style", "textarea"] where start.hasPrefix("<\(name)") {
            let next = text.dropFirst(1 + name.utf8.count).first ?? 0x20
            if next == 0x20 || next == 0x09 || next == UInt8(ascii: ">") { return "</\(name)>" }
        }
        return nil
    }
}
