/// HTML's character references: `&eacute;`, `&#233;`, `&#xE9;`.
final class Entities: Sendable {
    static let shared = Entities()

    private let scalars: [String: [Unicode.Scalar]]
    /// Names that may stand without a semicolon.
    private let short: Set<String>
    private let longestName: Int

    /// What browsers read for the numbers of controls: the characters that Windows-1252 has there.
    private static let controls: ClosedRange<UInt32> = 0x80...0x9F
    private static let windows = Array(
        "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ".unicodeScalars)

    private init() {
        var scalars: [String: [Unicode.Scalar]] = [:]
        var short: Set<String> = []
        let words = EntityData.names.split { $0 == " " || $0 == "\n" }
        for index in stride(from: 0, to: words.count - 1, by: 2) {
            let name = words[index].last == "!" ? String(words[index].dropLast()) : String(words[index])
            if name.count < words[index].count { short.insert(name) }
            scalars[name] = words[index + 1].split(separator: "+").compactMap {
                UInt32($0, radix: 16).flatMap(Unicode.Scalar.init)
            }
        }
        self.scalars = scalars
        self.short = short
        longestName = scalars.keys.map(\.utf8.count).max() ?? 0
    }

    /// The reference that begins at `start`, which is an ampersand; nil: it is only an ampersand.
    func reference(_ bytes: [UInt8], at start: Int) -> (scalars: [Unicode.Scalar], end: Int)? {
        let next = start + 1
        guard next < bytes.count else { return nil }
        return bytes[next] == UInt8(ascii: "#") ? number(bytes, from: next + 1) : name(bytes, from: next)
    }

    private func number(_ bytes: [UInt8], from start: Int) -> (scalars: [Unicode.Scalar], end: Int)? {
        let isHexadecimal = start < bytes.count && bytes[start] | 0x20 == UInt8(ascii: "x")
        let radix: UInt32 = isHexadecimal ? 16 : 10
        var position = isHexadecimal ? start + 1 : start
        let first = position
        var value: UInt32 = 0
        while position < bytes.count, let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue,
            digit < radix
        {
            value = min(value * radix + UInt32(digit), 0x110000)
            position += 1
        }
        guard position > first else { return nil }
        if position < bytes.count, bytes[position] == UInt8(ascii: ";") { position += 1 }
        if Self.controls.contains(value) {
            return ([Self.windows[Int(value - Self.controls.lowerBound)]], position)
        }
        // What no text can hold reads as U+FFFD, as in browsers.
        let scalar = value == 0 ? nil : Unicode.Scalar(value)
        return ([scalar ?? "\u{FFFD}"], position)
    }

    private func name(_ bytes: [UInt8], from start: Int) -> (scalars: [Unicode.Scalar], end: Int)? {
        var end = start
        while end < bytes.count, end - start < longestName, isLetterOrDigit(bytes[end]) { end += 1 }
        guard end > start else { return nil }
        let name = String(decoding: bytes[start..<end], as: UTF8.self)
        if end < bytes.count, bytes[end] == UInt8(ascii: ";"), let found = scalars[name] {
            return (found, end + 1)
        }
        // The longest beginning that may stand alone: &copy2024 is ©2024.
        for length in stride(from: min(name.utf8.count, 6), through: 2, by: -1) {
            let beginning = String(name.prefix(length))
            if short.contains(beginning), let found = scalars[beginning] { return (found, start + length) }
        }
        return nil
    }

    private func isLetterOrDigit(_ byte: UInt8) -> Bool { 0x30...0x39 ~= byte || 0x61...0x7A ~= byte | 0x20 }
}
