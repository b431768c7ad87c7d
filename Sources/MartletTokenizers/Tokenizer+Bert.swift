internal import MartletJSON

/// The flags of a BERT tokenizer where no tokenizer.json gives them: the names and defaults are those of
/// tokenizer_config.json.
package struct BertOptions: Sendable, Equatable {
    package var lowercase: Bool
    /// nil: as `lowercase`.
    package var stripAccents: Bool?
    package var tokenizeChineseChars: Bool

    package init(lowercase: Bool = true, stripAccents: Bool? = nil, tokenizeChineseChars: Bool = true) {
        self.lowercase = lowercase
        self.stripAccents = stripAccents
        self.tokenizeChineseChars = tokenizeChineseChars
    }
}

/// Ids of BERT's special tokens, where a file gives them; the others are found by their usual names.
package struct BertSpecialTokens: Sendable, Equatable {
    package var cls, sep, unknown, pad, mask: Int?

    package init(cls: Int? = nil, sep: Int? = nil, unknown: Int? = nil, pad: Int? = nil, mask: Int? = nil) {
        (self.cls, self.sep, self.unknown, self.pad, self.mask) = (cls, sep, unknown, pad, mask)
    }
}

extension Tokenizer {
    /// From the text of a vocab.txt: a token per line, ids from 0.
    /// - Parameter settings: The special and added tokens that files beside it name; nil: there are none.
    package init(
        vocabulary text: UnsafeRawBufferPointer, file: String, options: BertOptions = .init(),
        settings: TokenizerSettings? = nil
    ) throws(TokenizerError) {
        var bytes: [UInt8] = []
        var starts: [UInt32] = [0]
        bytes.reserveCapacity(text.count)
        guard text.count <= Int(UInt32.max) else {
            throw TokenizerError(.invalidVocabulary, "the file has more than 4 GiB", file: file)
        }
        var start = 0
        while start < text.count {
            var end = start
            while end < text.count, text[end] != 0x0A { end += 1 }
            let next = end + 1
            if end > start, end < text.count, text[end - 1] == 0x0D { end -= 1 }
            bytes.append(contentsOf: text[start..<end])
            starts.append(UInt32(truncatingIfNeeded: bytes.count))
            start = next
        }
        guard let settings else {
            try self.init(bytes, starts, .init(), options, file)
            return
        }
        let vocabulary = try Tokenizer.vocabulary(bytes, starts: starts, file: file)
        // Not every vocabulary has these two, which stand in no text.
        var named = settings
        named.added.removeAll {
            ["[PAD]", "[MASK]"].contains($0.content) && vocabulary.id(of: $0.content) == nil
        }
        let added = named.merged([], vocabulary)
        let name = settings.model["unk_token"]?.string ?? "[UNK]"
        guard let unknown = vocabulary.id(of: name) else { throw Tokenizer.missing(name, file) }
        self.init(
            vocabulary, options, unknown: unknown,
            try named.postProcessor(added, vocabulary, file: file) ?? .none, added)
    }

    package init(vocabulary text: [UInt8], file: String, options: BertOptions = .init())
        throws(TokenizerError)
    {
        self = try text.withUnsafeBytes { buffer in
            Result { () throws(TokenizerError) in
                try Tokenizer(vocabulary: buffer, file: file, options: options)
            }
        }.get()
    }

    /// From the metadata of a GGUF file: `tokenizer.ggml.tokens`, `.token_type` and the ids of special
    /// tokens. There, a word's first piece begins with U+2581, a further piece is bare, and special tokens
    /// stand as they are.
    package init(
        ggufTokens tokens: [String], types: [Int]? = nil, specials: BertSpecialTokens,
        options: BertOptions = .init(), file: String
    ) throws(TokenizerError) {
        var bytes: [UInt8] = []
        var starts: [UInt32] = [0]
        bytes.reserveCapacity(tokens.count * 10)
        starts.reserveCapacity(tokens.count + 1)
        // A search among five is faster than a hash.
        let given = [specials.cls, specials.sep, specials.unknown, specials.pad, specials.mask].compactMap {
            $0
        }
        let control = 3
        for (index, token) in tokens.enumerated() {
            var token = token
            let isControl =
                given.contains(index) || types.map { index < $0.count && $0[index] == control } ?? false
            token.withUTF8 { utf8 in
                if utf8.count >= 3, utf8[0] == 0xE2, utf8[1] == 0x96, utf8[2] == 0x81 {
                    bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[3...]))
                    return
                }
                // Older converters leave every token in brackets as it is.
                let isBracketed =
                    utf8.count > 2 && utf8[0] == UInt8(ascii: "[")
                    && utf8[utf8.count - 1] == UInt8(ascii: "]")
                if !isControl, !isBracketed { for _ in 0..<2 { bytes.append(UInt8(ascii: "#")) } }
                bytes.append(contentsOf: utf8)
            }
            starts.append(UInt32(truncatingIfNeeded: bytes.count))
        }
        guard bytes.count <= Int(UInt32.max) else {
            throw TokenizerError(.invalidVocabulary, "the tokens have more than 4 GiB", file: file)
        }
        try self.init(bytes, starts, specials, options, file)
    }

    private init(
        _ bytes: [UInt8], _ starts: [UInt32], _ specials: BertSpecialTokens, _ options: BertOptions,
        _ file: String
    ) throws(TokenizerError) {
        let vocabulary = try Tokenizer.vocabulary(bytes, starts: starts, file: file)
        var added: [AddedToken] = []
        func special(_ given: Int?, _ name: String, isRequired: Bool = true) throws(TokenizerError) -> Int32 {
            if let given, let id = Int32(exactly: given), let token = vocabulary.token(id: id) {
                added.append(AddedToken(id: id, content: token))
                return id
            }
            if let given {
                throw TokenizerError(
                    .missingToken, "the id \(given) given for \(name) is not in the vocabulary", file: file)
            }
            if let id = vocabulary.id(of: name) {
                added.append(AddedToken(id: id, content: name))
                return id
            }
            guard isRequired else { return -1 }
            throw Tokenizer.missing(name, file)
        }
        let unknown = try special(specials.unknown, "[UNK]")
        let sep = try special(specials.sep, "[SEP]")
        let cls = try special(specials.cls, "[CLS]")
        _ = try special(specials.pad, "[PAD]", isRequired: false)
        _ = try special(specials.mask, "[MASK]", isRequired: false)
        self.init(
            vocabulary, options, unknown: unknown, PostProcessor(template: .bert(cls: cls, sep: sep)), added)
    }

    private static func vocabulary(_ bytes: [UInt8], starts: [UInt32], file: String)
        throws(TokenizerError) -> Vocabulary
    {
        guard let count = Int32(exactly: starts.count - 1) else {
            throw TokenizerError(
                .invalidVocabulary, "the vocabulary has more tokens than 32-bit ids can number", file: file)
        }
        return try Vocabulary(bytes: bytes, starts: starts, ids: Array(0..<count), file: file)
    }

    private static func missing(_ name: String, _ file: String) -> TokenizerError {
        TokenizerError(
            .missingToken, "the vocabulary has no token \(name), which a BERT tokenizer needs", file: file)
    }

    private init(
        _ vocabulary: Vocabulary, _ options: BertOptions, unknown: Int32, _ postProcessor: PostProcessor,
        _ added: [AddedToken]
    ) {
        self.init(
            normalizer: BertNormalizer(
                cleanText: true, handleChineseChars: options.tokenizeChineseChars,
                stripAccents: options.stripAccents,
                lowercase: options.lowercase),
            preTokenizer: BertPreTokenizer(),
            model: WordPiece(vocabulary, unknown: unknown, prefix: "##", maxCharacters: 100),
            postProcessor: postProcessor,
            decoder: WordPieceDecoder(prefix: "##", cleansUp: true), added: added)
    }
}
