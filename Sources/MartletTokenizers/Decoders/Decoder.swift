/// Tokens back to text, step by step: every element is UTF-8, and the elements of the last step are joined.
protocol Decoder: Sendable {
    func decode(_ tokens: [[UInt8]]) -> [[UInt8]]
}

/// `Sequence` of tokenizer.json.
struct DecoderSequence: Decoder {
    let parts: [any Decoder]

    func decode(_ tokens: [[UInt8]]) -> [[UInt8]] { parts.reduce(tokens) { $1.decode($0) } }
}

extension DecoderSequence {
    init(_ field: Field) throws(TokenizerError) {
        var parts: [any Decoder] = []
        for element in try field["decoders"].elements() {
            parts.append(try Registry.make(element, from: Registry.decoders) as any Decoder)
        }
        self.parts = parts
    }
}

/// `Fuse`: all tokens become one.
struct FuseDecoder: Decoder {
    func decode(_ tokens: [[UInt8]]) -> [[UInt8]] { [Array(tokens.joined())] }
}

/// `Replace`, in each token.
struct ReplaceDecoder: Decoder {
    let pattern: TextPattern
    let content: [UInt8]

    func decode(_ tokens: [[UInt8]]) -> [[UInt8]] {
        tokens.map { token in
            var result: [UInt8] = []
            var position = 0
            var matches: [Range<Int>] = []
            token.withUnsafeBufferPointer { pattern.appendMatches(in: $0, 0..<token.count, to: &matches) }
            for match in matches {
                result += token[position..<match.lowerBound] + content
                position = match.upperBound
            }
            return result + token[position...]
        }
    }
}

extension ReplaceDecoder {
    init(_ field: Field) throws(TokenizerError) {
        pattern = try TextPattern(field["pattern"])
        content = Array(try field["content"].string().utf8)
    }
}

/// `Strip`: a character goes from the ends of each token, a number of times.
struct StripDecoder: Decoder {
    let content: [UInt8]
    let start: Int
    let stop: Int

    func decode(_ tokens: [[UInt8]]) -> [[UInt8]] {
        tokens.map { token in
            var rest = token[...]
            for _ in 0..<start where rest.starts(with: content) { rest = rest.dropFirst(content.count) }
            for _ in 0..<stop
            where rest.count >= content.count && rest.suffix(content.count).elementsEqual(content) {
                rest = rest.dropLast(content.count)
            }
            return Array(rest)
        }
    }
}

extension StripDecoder {
    init(_ field: Field) throws(TokenizerError) {
        let character = try field["content"].string()
        guard character.unicodeScalars.count == 1 else { throw field["content"].wrong("one character") }
        content = Array(character.utf8)
        start = try field["start"].int(in: 0...1000)
        stop = try field["stop"].int(in: 0...1000)
    }
}

/// `BPEDecoder`: the suffix that ends a word is a space, and nothing at the end of the text.
struct SuffixDecoder: Decoder {
    let suffix: [UInt8]

    func decode(_ tokens: [[UInt8]]) -> [[UInt8]] {
        tokens.enumerated().map { index, token in
            var matches: [Range<Int>] = []
            token.withUnsafeBufferPointer {
                TextPattern.literal(suffix).appendMatches(in: $0, 0..<token.count, to: &matches)
            }
            var result: [UInt8] = []
            var position = 0
            for match in matches {
                result += token[position..<match.lowerBound] + (index == tokens.count - 1 ? [] : [0x20])
                position = match.upperBound
            }
            return result + token[position...]
        }
    }
}

extension SuffixDecoder {
    init(_ field: Field) throws(TokenizerError) {
        suffix = Array(try field["suffix"].string(or: "</w>").utf8)
    }
}
