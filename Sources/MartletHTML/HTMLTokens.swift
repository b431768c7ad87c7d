/// The tags and texts of an HTML source, read so that no source is an error.
struct HTMLTokens {
    enum Token: Equatable {
        /// Characters outside tags, with their references.
        case text(Range<Int>)
        case start(String, isHidden: Bool, isClosed: Bool)
        case end(String)
        /// A comment, a declaration or a processing instruction.
        case other
    }

    /// Elements whose content is text whatever it looks like.
    private static let rawElements: Set<String> = [
        "script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes",
    ]

    private let bytes: [UInt8]
    private(set) var position = 0
    /// The element whose content is read next.
    private var rawElement: String?

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The next token, and where it begins.
    mutating func next() -> (token: Token, start: Int)? {
        guard position < bytes.count else { return nil }
        let start = position
        if let name = rawElement {
            rawElement = nil
            let end = endTag(name, from: start)
            if end > start {
                position = end
                return (.text(start..<end), start)
            }
        }
        if bytes[start] != UInt8(ascii: "<") || !isMarkup(start) {
            position = start + 1
            while position < bytes.count, bytes[position] != UInt8(ascii: "<") || !isMarkup(position) {
                position += 1
            }
            return (.text(start..<position), start)
        }
        switch bytes[start + 1] {
        case UInt8(ascii: "!"):
            if starts(with: "<!--", at: start) {
                // <!--> is a whole comment.
                position = end(of: "-->", from: start + 2)
            } else if starts(with: "<![CDATA[", at: start) {
                position = end(of: "]]>", from: start + 9)
            } else {
                position = end(of: ">", from: start)
            }
            return (.other, start)
        case UInt8(ascii: "?"):
            position = end(of: ">", from: start)
            return (.other, start)
        case UInt8(ascii: "/"):
            position = start + 2
            let name = readName()
            position = end(of: ">", from: position)
            return (.end(name), start)
        default:
            position = start + 1
            let name = readName()
            let attributes = readAttributes()
            if Self.rawElements.contains(name), !attributes.isClosed { rawElement = name }
            return (.start(name, isHidden: attributes.isHidden, isClosed: attributes.isClosed), start)
        }
    }

    /// Whether a tag, a comment or the like begins at a less-than sign.
    private func isMarkup(_ start: Int) -> Bool {
        guard start + 1 < bytes.count else { return false }
        let next = bytes[start + 1]
        if next == UInt8(ascii: "/") { return start + 2 < bytes.count && isLetter(bytes[start + 2]) }
        return isLetter(next) || next == UInt8(ascii: "!") || next == UInt8(ascii: "?")
    }

    private func isLetter(_ byte: UInt8) -> Bool { 0x61...0x7A ~= byte | 0x20 }
    private func lowercased(_ byte: UInt8) -> UInt8 { isLetter(byte) ? byte | 0x20 : byte }
    private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0D ~= byte }

    private mutating func readName() -> String {
        let start = position
        while position < bytes.count, !isSpace(bytes[position]), !">/".utf8.contains(bytes[position]) {
            position += 1
        }
        return String(decoding: bytes[start..<position], as: UTF8.self).lowercased()
    }

    private mutating func readAttributes() -> (isHidden: Bool, isClosed: Bool) {
        var isHidden = false
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: ">"):
                position += 1
                return (isHidden, bytes[position - 2] == UInt8(ascii: "/"))
            case UInt8(ascii: "/"): position += 1
            case let byte where isSpace(byte): position += 1
            default:
                let start = position
                position = end(of: start + 1) { isSpace($0) || "=>/".utf8.contains($0) }
                let name = bytes[start..<position].lazy.map(lowercased)
                let value = readValue()
                if name.elementsEqual("hidden".utf8), value != "until-found" { isHidden = true }
                if name.elementsEqual("aria-hidden".utf8), value == "true" { isHidden = true }
            }
        }
        return (isHidden, false)
    }

    private mutating func readValue() -> String {
        var next = position
        while next < bytes.count, isSpace(bytes[next]) { next += 1 }
        guard next < bytes.count, bytes[next] == UInt8(ascii: "=") else { return "" }
        position = next + 1
        while position < bytes.count, isSpace(bytes[position]) { position += 1 }
        guard position < bytes.count else { return "" }
        let quote = bytes[position]
        let isQuoted = quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'")
        if isQuoted { position += 1 }
        let start = position
        while position < bytes.count,
            isQuoted
                ? bytes[position] != quote : !isSpace(bytes[position]) && bytes[position] != UInt8(ascii: ">")
        {
            position += 1
        }
        let end = position
        if isQuoted, position < bytes.count { position += 1 }
        return end - start <= 16 ? String(decoding: bytes[start..<end], as: UTF8.self) : ""
    }

    /// The first place from `start` on whose byte ends a name.
    private func end(of start: Int, where ends: (UInt8) -> Bool) -> Int {
        var position = start
        while position < bytes.count, !ends(bytes[position]) { position += 1 }
        return position
    }

    private func starts(with text: StaticString, at start: Int) -> Bool {
        guard bytes.count - start >= text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { $0.elementsEqual(bytes[start..<start + $0.count]) }
    }

    /// Behind the next `mark`, or at the end.
    private func end(of mark: StaticString, from start: Int) -> Int {
        var position = start
        while position < bytes.count, !starts(with: mark, at: position) { position += 1 }
        return min(bytes.count, position + mark.utf8CodeUnitCount)
    }

    /// Where `</name` begins, or the end.
    private func endTag(_ name: String, from start: Int) -> Int {
        var position = start
        while position < bytes.count {
            if starts(with: "</", at: position) {
                let found = bytes[(position + 2)...].prefix(name.utf8.count)
                let next = found.endIndex < bytes.count ? bytes[found.endIndex] : UInt8(ascii: ">")
                if found.lazy.map(lowercased).elementsEqual(name.utf8),
                    isSpace(next) || ">/".utf8.contains(next)
                {
                    return position
                }
            }
            position += 1
        }
        return bytes.count
    }
}
