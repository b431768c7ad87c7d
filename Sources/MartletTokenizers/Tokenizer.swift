/// Text to token ids and back, with the ids of Hugging Face's `tokenizers` for the same tokenizer.json.
///
/// `added tokens ─ normalizer ─ pre-tokenizer ─ model ─ template`, each replaceable; long texts go through in
/// pieces, so that the memory in use does not grow with them.
package struct Tokenizer: Sendable {
    let normalizer: (any Normalizer)?
    let preTokenizer: (any PreTokenizer)?
    let model: any TokenModel
    let postProcessor: PostProcessor
    let decoder: (any Decoder)?
    let added: [Int32: AddedToken]
    /// As they were given: `added` has what normalization makes of them.
    private let givenTokens: [AddedToken]
    private let addedIDs: [(bytes: [UInt8], id: Int32)]
    /// Over the text as it came, and over normalized text.
    let literal: AddedTokenMatcher
    let normalized: AddedTokenMatcher
    /// Whether a text may be cut into pieces before it is normalized, and after.
    let isLocal: Bool
    let splitsLocally: Bool
    /// Whether a text that is too long loses its beginning where the caller leaves the side to the model.
    package var cutsStart = false

    var template: Template { postProcessor.template }

    init(
        normalizer: (any Normalizer)?, preTokenizer: (any PreTokenizer)?, model: any TokenModel,
        postProcessor: PostProcessor,
        decoder: (any Decoder)?, added: [AddedToken]
    ) {
        self.normalizer = normalizer
        (self.preTokenizer, self.model) = ByteReading.fused(preTokenizer, model)
        self.postProcessor = postProcessor
        self.decoder = decoder
        // A token that is looked for in normalized text reads as its normalized form, as the library gives it
        // back.
        let shown = added.map { token in
            guard token.isNormalized, let normalizer else { return token }
            var shown = token
            let buffer = TextBuffer()
            Array(token.content.utf8).withUnsafeBufferPointer {
                normalizer.normalize(AlignedText($0), into: buffer)
            }
            shown.content = String(decoding: buffer.bytes, as: UTF8.self)
            return shown
        }
        givenTokens = added
        self.added = Dictionary(shown.map { ($0.id, $0) }) { $1 }
        addedIDs = (shown + added).map { (Array($0.content.utf8), $0.id) }
        literal = AddedTokenMatcher(shown.filter { !$0.isNormalized })
        normalized = AddedTokenMatcher(shown.filter(\.isNormalized))
        splitsLocally = preTokenizer?.isLocal ?? false
        isLocal = normalizer?.isLocal ?? true && splitsLocally && normalized.isEmpty
    }

    // MARK: Encoding

    /// With special tokens. `maxTokens` counts them; fewer than they are leaves only them.
    package func encode(
        _ text: String, maxTokens: Int? = nil, truncation: Truncation = .end, addsSpecialTokens: Bool = true,
        withOffsets: Bool = false
    ) -> Encoding {
        var text = text
        return text.withUTF8 { utf8 in
            if withOffsets { return encodeWithOffsets(utf8, nil, maxTokens, truncation, addsSpecialTokens) }
            var ids: [Int32] = []
            let total = encode(
                utf8: UnsafeRawBufferPointer(utf8), into: &ids, maxTokens: maxTokens, truncation: truncation,
                addsSpecialTokens: addsSpecialTokens, scratch: TokenizerScratch())
            let types = template.types.map { types in
                guard addsSpecialTokens else { return [Int32](repeating: types.text, count: ids.count) }
                return types.prefix
                    + Array(repeating: types.text, count: ids.count - types.prefix.count - types.suffix.count)
                    + types.suffix
            }
            return Encoding(ids: ids, typeIDs: types, totalTokens: total)
        }
    }

    /// Appends the ids of one text to `ids` and returns how many there were before truncation. Does not
    /// allocate once `ids` and `scratch` have room. Bytes that are not UTF-8 read as U+FFFD.
    package func encode(
        utf8 text: UnsafeRawBufferPointer, into ids: inout [Int32], maxTokens: Int? = nil,
        truncation: Truncation = .end,
        addsSpecialTokens: Bool = true, scratch: TokenizerScratch
    ) -> Int {
        let specials = addsSpecialTokens ? template.prefix.count + template.suffix.count : 0
        if addsSpecialTokens { ids.append(contentsOf: template.prefix) }
        // The array changes hands, so that it is never copied.
        var taken: [Int32] = []
        swap(&taken, &ids)
        var sink = IDSink(ids: taken, limit: maxTokens.map { max(0, $0 - specials) }, truncation: truncation)
        taken = []
        encode(AlignedText(text.bindMemory(to: UInt8.self)), into: &sink, scratch)
        sink.finish()
        let total = sink.total
        sink.giveBack(&ids)
        scratch.trim(to: scratchLimit)
        if addsSpecialTokens { ids.append(contentsOf: template.suffix) }
        return total + specials
    }

    /// The most that a scratch keeps after a text: its words and normalized forms, and the model's memory.
    package var scratchLimit: Int { (1 << 19) + model.keptBytes }

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

    /// The id of text that has no token; nil: there is none.
    package var unknownID: Int32? {
        let id: Int32? =
            switch model {
            case let model as WordPiece: model.unknown
            case let model as WordLevel: model.unknown
            case let model as Unigram: model.unknown
            case let model as ScoredBPE: model.unknown
            case let model as BPE: model.unknown
            default: nil
            }
        return id.flatMap { $0 >= 0 ? $0 : nil }
    }

    /// One more than the largest id that encoding a single text can give.
    package var idBound: Int {
        (template.prefix + template.suffix).reduce(vocabularySize) { max($0, Int($1) + 1) }
    }

    /// Whether a single text has token types other than 0.
    package var hasTypes: Bool { template.types != nil }

    /// The same tokenizer, with text lowercased before all else unless it is already: what `do_lower_case` of
    /// sentence-transformers does.
    package func lowercasing() -> Tokenizer {
        if normalizer?.lowercases == true { return self }
        let parts: [any Normalizer] = [BertNormalizer(.lowercase)] + (normalizer.map { [$0] } ?? [])
        var made = Tokenizer(
            normalizer: NormalizerSequence(parts: parts), preTokenizer: preTokenizer, model: model,
            postProcessor: postProcessor,
            decoder: decoder, added: givenTokens)
        made.cutsStart = cutsStart
        return made
    }

    /// Without the added tokens whose ids are at least `bound`, and what these are. The model's own tokens stay,
    /// and so do those around a text.
    package func keepingAdded(below bound: Int) -> (tokenizer: Tokenizer, dropped: [String]) {
        let dropped = givenTokens.filter { Int($0.id) >= bound }
        if dropped.isEmpty { return (self, []) }
        var made = Tokenizer(
            normalizer: normalizer, preTokenizer: preTokenizer, model: model, postProcessor: postProcessor,
            decoder: decoder, added: givenTokens.filter { Int($0.id) < bound })
        made.cutsStart = cutsStart
        return (made, dropped.map(\.content))
    }

    /// Ids of the special tokens before and after a single text.
    package var specialTokens: (before: [Int32], after: [Int32]) { (template.prefix, template.suffix) }

    /// Special tokens around a single text.
    package var specialTokenCount: Int { template.prefix.count + template.suffix.count }

    /// For people: "WordPiece, 30522 tokens, lowercase".
    package var kind: String {
        "\(model.name), \(vocabularySize) tokens"
            + (normalizer.map { $0.lowercases ? ", lowercase" : ", cased" } ?? "")
    }
}
