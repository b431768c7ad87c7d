/// `ByteLevel` of tokenizer.json: GPT-2's split, and bytes spelled as printable characters.
struct ByteLevel: PreTokenizer {
    let addsPrefixSpace: Bool
    let usesPattern: Bool
    /// Whether words get the spelling; a model that reads bytes takes them as they are.
    var spellsBytes = true

    var isLocal: Bool { usesPattern }

    func preTokenize(_ list: WordList) {
        if addsPrefixSpace {
            list.rewrite { word, _, output in
                if word.bytes.first != 0x20 {
                    output.align(to: word, at: 0)
                    output.append(byte: 0x20)
                }
                output.copy(word, 0..<word.count)
            }
        }
        if usesPattern {
            let scanner = GPT2Scanner()
            list.split { text, word, words in scanner.scan(text, word, into: &words) }
        }
        if spellsBytes { list.rewrite { word, _, output in Self.spell(word, into: output) } }
    }

    static func spell(_ text: AlignedText, into output: TextBuffer) {
        for index in 0..<text.count {
            output.align(to: text, at: index)
            output.append(scalar: ByteAlphabet.scalars[Int(text.bytes[index])])
        }
    }
}

extension ByteLevel {
    init(_ field: Field) throws(TokenizerError) {
        addsPrefixSpace = try field["add_prefix_space"].bool(or: true)
        usesPattern = try field["use_regex"].bool(or: true)
    }
}

/// `ByteLevel` as a normalizer: the spelling alone.
struct ByteLevelNormalizer: Normalizer {
    /// No space is left, at which the parts would come apart.
    var isLocal: Bool { false }

    func normalize(_ text: AlignedText, into output: TextBuffer) { ByteLevel.spell(text, into: output) }
}

/// The printable characters that stand for bytes in a byte-level vocabulary: those of Latin-1 for themselves,
/// the rest from U+0100 on.
enum ByteAlphabet {
    static let scalars: [UInt32] = {
        var next: UInt32 = 0x100
        return (0...255).map { (byte: UInt32) in
            if 0x21...0x7E ~= byte || 0xA1...0xAC ~= byte || 0xAE...0xFF ~= byte { return byte }
            defer { next += 1 }
            return next
        }
    }()

    /// For each scalar below 0x144 its byte, or -1.
    private static let bytes: [Int16] = {
        var bytes = [Int16](repeating: -1, count: 0x144)
        for (byte, scalar) in scalars.enumerated() { bytes[Int(scalar)] = Int16(byte) }
        return bytes
    }()

    static func byte(for scalar: UInt32) -> UInt8? {
        guard scalar < 0x144, bytes[Int(scalar)] >= 0 else { return nil }
        return UInt8(bytes[Int(scalar)])
    }

    /// The bytes that a token spells; nil where it has other characters.
    static func bytes(spelledBy token: some Collection<UInt8>) -> [UInt8]? {
        var result: [UInt8] = []
        let token = Array(token)
        return token.withUnsafeBufferPointer { token in
            var position = 0
            while position < token.count {
                let (scalar, length) = UTF8Scalars.decode(token, at: position)
                guard let byte = byte(for: scalar) else { return nil }
                result.append(byte)
                position += length
            }
            return result
        }
    }
}

/// Leaves out the spelling of bytes between a pre-tokenizer and a model that can read bytes themselves.
enum ByteReading {
    static func fused(_ preTokenizer: (any PreTokenizer)?, _ model: any TokenModel) -> (
        (any PreTokenizer)?, any TokenModel
    ) {
        guard let bpe = model as? BPE, let plain = bpe.readingBytes() else { return (preTokenizer, model) }
        if var last = preTokenizer as? ByteLevel, last.spellsBytes {
            last.spellsBytes = false
            return (last, plain)
        }
        if let sequence = preTokenizer as? PreTokenizerSequence, var last = sequence.parts.last as? ByteLevel,
            last.spellsBytes
        {
            last.spellsBytes = false
            return (PreTokenizerSequence(parts: sequence.parts.dropLast() + [last]), plain)
        }
        return (preTokenizer, model)
    }
}
