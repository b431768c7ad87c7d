/// `Prepend` of tokenizer.json: text in front of any that is not empty.
struct Prepend: Normalizer {
    let prefix: [UInt8]

    var isLocal: Bool { false }

    func normalize(_ text: AlignedText, into output: TextBuffer) {
        guard text.count > 0 else { return }
        output.align(to: text, at: 0)
        output.append(prefix)
        output.copy(text, 0..<text.count)
    }
}

extension Prepend {
    init(_ field: Field) throws(TokenizerError) { prefix = Array(try field["prepend"].string().utf8) }
}

/// `Strip` of tokenizer.json: white space at the ends goes.
struct Strip: Normalizer {
    let stripsLeft: Bool
    let stripsRight: Bool

    var isLocal: Bool { false }

    func normalize(_ text: AlignedText, into output: TextBuffer) {
        var start = 0
        var end = text.count
        func isSpace(_ scalar: UInt32) -> Bool {
            UnicodeTables.shared.flags(of: scalar).contains(.whitespace)
        }
        while stripsLeft, start < end, case let (scalar, length) = UTF8Scalars.decode(text.bytes, at: start),
            isSpace(scalar)
        {
            start += length
        }
        while stripsRight, end > start,
            case let (scalar, length) = UTF8Scalars.decode(text.bytes, before: end), isSpace(scalar)
        {
            end -= length
        }
        output.copy(text, start..<end)
    }
}

extension Strip {
    init(_ field: Field) throws(TokenizerError) {
        stripsLeft = try field["strip_left"].bool(or: true)
        stripsRight = try field["strip_right"].bool(or: true)
    }
}

/// `Replace` of tokenizer.json.
struct Replace: Normalizer {
    let pattern: TextPattern
    let content: [UInt8]

    /// One ASCII character alone is found whatever stands around it. The space and a printable character
    /// before it, between which a text is cut, must stay such.
    var isLocal: Bool {
        guard case .literal(let bytes) = pattern, bytes.count == 1, bytes[0] != 0x20 else { return false }
        let printable: ClosedRange<UInt8> = 0x21...0x7E
        return !printable.contains(bytes[0]) || content.last.map { printable.contains($0) } ?? false
    }

    func normalize(_ text: AlignedText, into output: TextBuffer) {
        var matches: [Range<Int>] = []
        pattern.appendMatches(in: text.bytes, 0..<text.count, to: &matches)
        var position = 0
        for match in matches {
            output.copy(text, position..<match.lowerBound)
            // What comes instead counts as inserted after what is gone.
            output.align(to: text, at: match.upperBound - 1)
            output.append(content)
            position = match.upperBound
        }
        output.copy(text, position..<text.count)
    }
}

extension Replace {
    init(_ field: Field) throws(TokenizerError) {
        pattern = try TextPattern(field["pattern"])
        content = Array(try field["content"].string().utf8)
    }
}
