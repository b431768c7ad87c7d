/// The tags of an XML file in order, without the text between them. Enough for a file that a program wrote:
/// no document types, no entities of its own.
struct XMLTags {
    struct Tag {
        var name = ""
        var attributes: [String: String] = [:]
        /// `</name>`
        var isEnd = false
        /// `<name/>`
        var isEmpty = false
    }

    /// Why the file is none, with the byte.
    struct Damage: Error {
        let reason: String
        let offset: Int
    }

    private let bytes: UnsafeRawBufferPointer
    private(set) var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The next tag; nil: the file has ended.
    mutating func next() throws(Damage) -> Tag? {
        while true {
            while offset < bytes.count, bytes[offset] != UInt8(ascii: "<") { offset += 1 }
            guard offset < bytes.count else { return nil }
            if starts(with: "<!--") {
                try skip(past: "-->")
            } else if starts(with: "<?") {
                try skip(past: "?>")
            } else if starts(with: "<!") {
                throw Damage(reason: "a declaration, which such a file does not have", offset: offset)
            } else {
                offset += 1
                return try tag()
            }
        }
    }

    private mutating func tag() throws(Damage) -> Tag {
        var tag = Tag()
        if peek == UInt8(ascii: "/") {
            tag.isEnd = true
            offset += 1
        }
        tag.name = try name()
        while true {
            skipSpace()
            guard let byte = peek else { throw cutOff }
            offset += 1
            if byte == UInt8(ascii: ">") { return tag }
            if byte == UInt8(ascii: "/") {
                guard peek == UInt8(ascii: ">") else {
                    throw Damage(reason: "a tag with a stray /", offset: offset)
                }
                offset += 1
                tag.isEmpty = true
                return tag
            }
            offset -= 1
            let key = try name()
            skipSpace()
            guard peek == UInt8(ascii: "=") else {
                throw Damage(reason: "an attribute without a value", offset: offset)
            }
            offset += 1
            skipSpace()
            tag.attributes[key] = try value()
        }
    }

    private mutating func name() throws(Damage) -> String {
        let start = offset
        while let byte = peek, !Self.isSpace(byte), !Self.ends.contains(byte) { offset += 1 }
        guard offset > start else {
            throw Damage(reason: "a tag or an attribute without a name", offset: start)
        }
        return String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<offset]), as: UTF8.self)
    }

    private mutating func value() throws(Damage) -> String {
        guard let quote = peek, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            throw Damage(reason: "an attribute whose value has no quotes", offset: offset)
        }
        offset += 1
        let start = offset
        while let byte = peek, byte != quote { offset += 1 }
        guard offset < bytes.count else { throw cutOff }
        let text = String(
            decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<offset]), as: UTF8.self)
        offset += 1
        return text.utf8.contains(UInt8(ascii: "&")) ? Self.withoutEntities(text) : text
    }

    private static func withoutEntities(_ text: String) -> String {
        var (result, rest) = ("", Substring(text))
        let known = ["&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": "\"", "&apos;": "'"]
        while let first = rest.first {
            if first == "&", let (entity, plain) = known.first(where: { rest.hasPrefix($0.key) }) {
                result += plain
                rest = rest.dropFirst(entity.count)
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    private static let ends: [UInt8] = Array("=/>".utf8)
    private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0a, 0x0d].contains(byte) }

    private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }
    private var cutOff: Damage { Damage(reason: "the end inside a tag", offset: offset) }

    private mutating func skipSpace() { while let byte = peek, Self.isSpace(byte) { offset += 1 } }

    private func starts(with text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard offset + count <= bytes.count else { return false }
        return (0..<count).allSatisfy { bytes[offset + $0] == text.utf8Start[$0] }
    }

    private mutating func skip(past end: StaticString) throws(Damage) {
        let start = offset
        while offset < bytes.count {
            if starts(with: end) {
                offset += end.utf8CodeUnitCount
                return
            }
            offset += 1
        }
        throw Damage(reason: "a comment without an end", offset: start)
    }
}
