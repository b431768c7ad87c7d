/// Splits UTF-8 text into the words that a collection finds it by.
///
/// A word is a run of letters, marks and digits, in lower case. Scripts that write no spaces between words
/// (Han, kana, Hangul, Thai, Lao, Khmer, Myanmar) give each two neighbouring characters as a word, and a
/// character alone where it has no neighbour. A word of more than 64 bytes is left out, in texts and in
/// questions: it is data, and not language.
package struct WordSplitter {
    static let longest = 64
    private var word: [UInt8] = []
    private var previous: [UInt8] = []
    private var isPaired = false

    package init() { word.reserveCapacity(256) }

    /// Calls `body` with each word of the text, in order. Bytes that are not UTF-8 end a word.
    package mutating func forEachWord(
        _ text: UnsafeRawBufferPointer, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        var index = 0
        let count = text.count
        while index < count {
            let byte = text[index]
            if byte < 0x80 {
                index += 1
                let lower = byte | 0x20
                if lower &- 0x61 < 26 {
                    endPair(body)
                    word.append(lower)
                } else if byte &- 0x30 < 10 {
                    endPair(body)
                    word.append(byte)
                } else {
                    endPair(body)
                    endWord(body)
                }
                continue
            }
            let (scalar, length) = Self.scalar(text, index)
            index += length
            guard let scalar else {
                endPair(body)
                endWord(body)
                continue
            }
            add(scalar, body)
        }
        endPair(body)
        endWord(body)
    }

    package static func words(of text: String) -> [String] {
        var (splitter, text, words) = (WordSplitter(), text, [String]())
        text.withUTF8 {
            splitter.forEachWord(UnsafeRawBufferPointer($0)) {
                words.append(String(decoding: $0, as: UTF8.self))
            }
        }
        return words
    }

    private mutating func add(_ scalar: Unicode.Scalar, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        if Self.writesNoSpaces(scalar) {
            endWord(body)
            let bytes = Array(String(scalar).utf8)
            if !previous.isEmpty {
                (previous + bytes).withUnsafeBufferPointer(body)
                isPaired = true
            }
            previous = bytes
            return
        }
        endPair(body)
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .titlecaseLetter:
            word.append(contentsOf: scalar.properties.lowercaseMapping.utf8)
        case .lowercaseLetter, .modifierLetter, .otherLetter, .decimalNumber, .letterNumber, .otherNumber,
            .nonspacingMark, .spacingMark,
            .enclosingMark:
            word.append(contentsOf: String(scalar).utf8)
        default: endWord(body)
        }
    }

    private mutating func endWord(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        if word.isEmpty { return }
        if word.count <= Self.longest { word.withUnsafeBufferPointer(body) }
        word.removeAll(keepingCapacity: true)
    }

    private mutating func endPair(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        if previous.isEmpty { return }
        if !isPaired { previous.withUnsafeBufferPointer(body) }
        previous = []
        isPaired = false
    }

    static func writesNoSpaces(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x3005...0x3007, 0x3040...0x30FF,
            0x31F0...0x31FF, 0x3400...0x4DBF,
            0x4E00...0x9FFF, 0xAC00...0xD7AF, 0xF900...0xFAFF, 0xFF66...0xFF9F, 0x20000...0x3FFFF:
            true
        default: false
        }
    }

    /// The scalar at a place and its length; nil and 1 where the bytes are not UTF-8.
    private static func scalar(_ text: UnsafeRawBufferPointer, _ index: Int) -> (Unicode.Scalar?, Int) {
        let first = text[index]
        let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
        guard first >= 0xC2, first < 0xF5, index + length <= text.count else { return (nil, 1) }
        var value = UInt32(first) & (0x7F >> UInt32(length))
        for offset in 1..<length {
            let byte = text[index + offset]
            guard byte & 0xC0 == 0x80 else { return (nil, 1) }
            value = value << 6 | UInt32(byte & 0x3F)
        }
        return (Unicode.Scalar(value), length)
    }
}
