/// Text to token ids and back, with the ids of Hugging Face's `tokenizers` for the same tokenizer.json.
///
/// `added tokens ─ normalizer ─ pre-tokenizer ─ model ─ template`, each replaceable; long texts go through in pieces, so that the
/// memory in use does not grow with them.
package struct Tokenizer: Sendable {
    let normalizer: (any Normalizer)?
    let preTokenizer: (any PreTokenizer)?
    let model: any TokenModel
    let template: Template
    let decoder: WordPieceDecoder?
    let added: [Int32: AddedToken]
    private let addedIDs: [(bytes: [UInt8], id: Int32)]
    /// Over the text as it came, and over normalized text.
    private let literal: AddedTokenMatcher
    private let normalized: AddedTokenMatcher
    private let isLocal: Bool

    init(
        normalizer: (any Normalizer)?, preTokenizer: (any PreTokenizer)?, model: any TokenModel, template: Template,
        decoder: WordPieceDecoder?, added: [AddedToken]
    ) {
        self.normalizer = normalizer
        self.preTokenizer = preTokenizer
        self.model = model
        self.template = template
        self.decoder = decoder
        // A token that is looked for in normalized text reads as its normalized form, as the library gives it back.
        let shown = added.map { token in
            guard token.isNormalized, let normalizer else { return token }
            var shown = token
            let buffer = ByteBuffer()
            Array(token.content.utf8).withUnsafeBufferPointer { normalizer.normalize($0, into: buffer) }
            shown.content = String(decoding: buffer.bytes, as: UTF8.self)
            return shown
        }
        self.added = Dictionary(shown.map { ($0.id, $0) }) { $1 }
        addedIDs = (shown + added).map { (Array($0.content.utf8), $0.id) }
        literal = AddedTokenMatcher(shown.filter { !$0.isNormalized })
        normalized = AddedTokenMatcher(shown.filter(\.isNormalized))
        isLocal = normalizer?.isLocal ?? true && preTokenizer?.isLocal ?? false && normalized.isEmpty
    }

    // MARK: Encoding

    /// With special tokens. `maxTokens` counts them; fewer than they are leaves only them.
    package func encode(_ text: String, maxTokens: Int? = nil, truncation: Truncation = .end) -> Encoding {
        var text = text
        var ids: [Int32] = []
        let total = text.withUTF8 {
            encode(utf8: UnsafeRawBufferPointer($0), into: &ids, maxTokens: maxTokens, truncation: truncation, scratch: TokenizerScratch())
        }
        let types = template.types.map { types in
            types.prefix + Array(repeating: types.text, count: ids.count - types.prefix.count - types.suffix.count) + types.suffix
        }
        return Encoding(ids: ids, typeIDs: types, totalTokens: total)
    }

    /// Appends the ids of one text to `ids` and returns how many there were before truncation. Does not allocate once `ids` and
    /// `scratch` have room. Bytes that are not UTF-8 read as U+FFFD.
    package func encode(
        utf8 text: UnsafeRawBufferPointer, into ids: inout [Int32], maxTokens: Int? = nil, truncation: Truncation = .end,
        addsSpecialTokens: Bool = true, scratch: TokenizerScratch
    ) -> Int {
        let specials = addsSpecialTokens ? template.prefix.count + template.suffix.count : 0
        if addsSpecialTokens { ids.append(contentsOf: template.prefix) }
        // The array changes hands, so that it is never copied.
        var taken: [Int32] = []
        swap(&taken, &ids)
        var sink = IDSink(ids: taken, limit: maxTokens.map { max(0, $0 - specials) }, truncation: truncation)
        taken = []
        encode(text.bindMemory(to: UInt8.self), into: &sink, scratch)
        sink.finish()
        let total = sink.total
        sink.giveBack(&ids)
        if addsSpecialTokens { ids.append(contentsOf: template.suffix) }
        return total + specials
    }

    private func encode(_ text: UnsafeBufferPointer<UInt8>, into sink: inout IDSink, _ scratch: TokenizerScratch) {
        guard !literal.isEmpty else { return encodeSegment(text, into: &sink, scratch) }
        var kept = 0
        var search = 0
        while let match = literal.next(in: text, from: &search, kept: kept) {
            if kept < match.range.lowerBound {
                encodeSegment(UnsafeBufferPointer(rebasing: text[kept..<match.range.lowerBound]), into: &sink, scratch)
            }
            sink.append(match.token.id)
            kept = match.range.upperBound
        }
        if kept < text.count { encodeSegment(UnsafeBufferPointer(rebasing: text[kept...]), into: &sink, scratch) }
    }

    /// Text without literal added tokens.
    private func encodeSegment(_ text: UnsafeBufferPointer<UInt8>, into sink: inout IDSink, _ scratch: TokenizerScratch) {
        let pieceSize = 1 << 13
        var start = 0
        while start < text.count {
            var end = text.count
            if isLocal, end - start > pieceSize {
                end = start + pieceSize
                while end < text.count, text[end] != 0x20, text[end] != 0x0A { end += 1 }
            }
            encodePiece(UnsafeBufferPointer(rebasing: text[start..<end]), into: &sink, scratch)
            start = end
        }
    }

    private func encodePiece(_ text: UnsafeBufferPointer<UInt8>, into sink: inout IDSink, _ scratch: TokenizerScratch) {
        guard let normalizer else { return encodeNormalized(text, into: &sink, scratch) }
        scratch.normalized.removeAll()
        normalizer.normalize(text, into: scratch.normalized)
        let text = scratch.normalized.bytes
        guard !normalized.isEmpty else { return encodeNormalized(text, into: &sink, scratch) }
        var kept = 0
        var search = 0
        while let match = normalized.next(in: text, from: &search, kept: kept) {
            if kept < match.range.lowerBound {
                encodeNormalized(UnsafeBufferPointer(rebasing: text[kept..<match.range.lowerBound]), into: &sink, scratch)
            }
            sink.append(match.token.id)
            kept = match.range.upperBound
        }
        if kept < text.count { encodeNormalized(UnsafeBufferPointer(rebasing: text[kept...]), into: &sink, scratch) }
    }

    private func encodeNormalized(_ text: UnsafeBufferPointer<UInt8>, into sink: inout IDSink, _ scratch: TokenizerScratch) {
        guard let preTokenizer else {
            if !text.isEmpty { model.tokenize(text, [0..<text.count], into: &sink) }
            return
        }
        var position = 0
        while position < text.count {
            scratch.words.removeAll(keepingCapacity: true)
            position = preTokenizer.split(text, from: position, into: &scratch.words, limit: 1024)
            model.tokenize(text, scratch.words, into: &sink)
        }
    }

    // MARK: Vocabulary

    /// Tokens of the model and added tokens.
    package var vocabularySize: Int { max(model.vocabulary.idBound, Int(added.keys.max() ?? -1) + 1) }

    package func token(id: Int) -> String? {
        guard let id = Int32(exactly: id) else { return nil }
        return added[id]?.content ?? model.vocabulary.token(id: id)
    }

    package func id(of token: String) -> Int? {
        if let found = addedIDs.last(where: { $0.bytes.elementsEqual(token.utf8) }) { return Int(found.id) }
        return model.vocabulary.id(of: token).map(Int.init)
    }

    /// One more than the largest id that encoding a single text can give.
    package var idBound: Int { (template.prefix + template.suffix).reduce(vocabularySize) { max($0, Int($1) + 1) } }

    /// Whether a single text has token types other than 0.
    package var hasTypes: Bool { template.types != nil }

    /// The same tokenizer, with text lowercased before all else unless it is already: what `do_lower_case` of sentence-transformers does.
    package func lowercasing() -> Tokenizer {
        if normalizer?.lowercases == true { return self }
        let parts: [any Normalizer] = [BertNormalizer(.lowercase)] + (normalizer.map { [$0] } ?? [])
        return Tokenizer(
            normalizer: NormalizerSequence(parts: parts), preTokenizer: preTokenizer, model: model, template: template, decoder: decoder,
            added: Array(added.values))
    }

    /// Ids of the special tokens before and after a single text.
    package var specialTokens: (before: [Int32], after: [Int32]) { (template.prefix, template.suffix) }

    /// Special tokens around a single text.
    package var specialTokenCount: Int { template.prefix.count + template.suffix.count }

    /// For people: "WordPiece, 30522 tokens, lowercase".
    package var kind: String {
        "\(model.name), \(vocabularySize) tokens" + (normalizer.map { $0.lowercases ? ", lowercase" : ", cased" } ?? "")
    }
}
