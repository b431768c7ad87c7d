/// A SentencePiece model in the terms of GGUF metadata, where `tokenizer.ggml.model` is "t5" or "llama".
package struct SentencePieceParts: Sendable {
    package enum Algorithm: Sendable { case unigram, pairs }

    /// `tokenizer.ggml.token_type`
    package enum PieceType: Int, Sendable { case normal = 1, unknown, control, userDefined, unused, byte }

    package var algorithm: Algorithm
    package var tokens: [String]
    package var scores: [Float]
    /// nil: all are normal.
    package var types: [Int]?
    /// `tokenizer.ggml.precompiled_charsmap`; empty for none.
    package var charsmap: [UInt8] = []
    package var addsSpacePrefix: Bool?
    package var removesExtraSpaces: Bool?
    package var bos, eos, unknown, separator: Int?
    package var addsBOS, addsEOS: Bool?
    /// Unknown text of a Unigram model becomes bytes; with pairs it always does where there are pieces for
    /// bytes.
    var hasByteFallback = false
    /// The parts are those of a SentencePiece file: its normalizer goes before pairs too.
    var isNative = false

    package init(_ algorithm: Algorithm, tokens: [String], scores: [Float], types: [Int]? = nil) {
        self.algorithm = algorithm
        self.tokens = tokens
        self.scores = scores
        self.types = types
    }
}

extension Tokenizer {
    /// What the parts leave open is as llama.cpp has it.
    package init(sentencePiece parts: SentencePieceParts, file: String) throws(TokenizerError) {
        guard parts.scores.count == parts.tokens.count,
            parts.types.map({ $0.count == parts.tokens.count }) ?? true
        else {
            let types = parts.types.map { ", \($0.count) types" } ?? ""
            let message =
                "expected a score and a type for each of the \(parts.tokens.count) tokens, found \(parts.scores.count) scores\(types)"
            throw TokenizerError(.invalidVocabulary, message, file: file)
        }
        var pieces = ScoredPieces()
        for (token, score) in zip(parts.tokens, parts.scores) {
            pieces.append(token.utf8, score: Double(score))
        }
        try pieces.check(file)
        let isUnigram = parts.algorithm == .unigram
        func special(_ id: Int?, _ name: String) throws(TokenizerError) -> Int32? {
            guard let id else { return nil }
            guard parts.tokens.indices.contains(id) else {
                throw TokenizerError(
                    .missingToken, "the id \(id) given for \(name) is not in the vocabulary", file: file)
            }
            return Int32(truncatingIfNeeded: id)
        }
        let unknown = try special(parts.unknown ?? (isUnigram ? 2 : 0), "the unknown token") ?? 0
        let bos =
            try parts.addsBOS ?? !isUnigram
            ? special(parts.bos ?? (isUnigram ? nil : 1), "the token before a text") : nil
        let eos =
            try parts.addsEOS ?? isUnigram
            ? special(parts.eos ?? (isUnigram ? 1 : 2), "the token after a text") : nil
        let separator = try special(parts.separator, "the token between texts")
        if parts.addsBOS == true, bos == nil {
            throw TokenizerError(
                .missingToken, "a token goes before each text, but no id is given for it", file: file)
        }

        let types = (parts.types ?? []).map { SentencePieceParts.PieceType(rawValue: $0) ?? .normal }
        func type(_ id: Int) -> SentencePieceParts.PieceType { types.isEmpty ? .normal : types[id] }
        // SentencePiece itself finds what the model's author added while it segments a text, and splits
        // nothing there.
        let literals: [SentencePieceParts.PieceType] =
            isUnigram && parts.isNative ? [.control, .unknown] : [.control, .unknown, .userDefined]
        let added = parts.tokens.indices.filter { literals.contains(type($0)) && !parts.tokens[$0].isEmpty }
        let prefixesSpace = parts.addsSpacePrefix ?? !isUnigram
        let normalizer: any Normalizer
        if isUnigram || parts.isNative {
            guard let charsmap = parts.charsmap.isEmpty ? Charsmap() : Charsmap(parts.charsmap) else {
                throw TokenizerError(
                    .invalidField, "the charsmap is not a size, a double array and replacements", file: file)
            }
            let userDefined = types.contains(.userDefined)
            normalizer = SentencePieceNormalizer(
                charsmap: charsmap,
                userDefined: userDefined
                    ? PieceTrie(bytes: pieces.bytes, starts: pieces.starts) { type($0) == .userDefined }
                    : nil,
                prependsSpace: prefixesSpace, mergesSpaces: parts.removesExtraSpaces ?? false,
                prependsToSpaces: parts.isNative)
        } else {
            let space = Array("\u{2581}".utf8)
            let escape = Replace(pattern: .literal([0x20]), content: space)
            normalizer = prefixesSpace ? NormalizerSequence(parts: [Prepend(prefix: space), escape]) : escape
        }
        let model: any TokenModel =
            isUnigram
            ? Unigram(pieces, types: types, unknown: unknown, hasByteFallback: parts.hasByteFallback)
            : ScoredBPE(pieces, unknown: unknown)
        let before = bos.map { [Template.Piece.special($0, type: 0)] } ?? []
        let after = eos.map { [Template.Piece.special($0, type: 0)] } ?? []
        let between = separator.map { [Template.Piece.special($0, type: 0)] } ?? []
        let template = Template(
            single: before + [.first(type: 0)] + after,
            pair: before + [.first(type: 0)] + after + between + [.second(type: 0)] + after)
        let spaces: [any Decoder] = [
            ReplaceDecoder(pattern: .literal(Array("\u{2581}".utf8)), content: [0x20]), ByteFallbackDecoder(),
            FuseDecoder(),
        ]
        self.init(
            normalizer: normalizer, preTokenizer: nil, model: model,
            postProcessor: PostProcessor(template: template),
            decoder: DecoderSequence(
                parts: spaces + (prefixesSpace ? [StripDecoder(content: [0x20], start: 1, stop: 0)] : [])),
            added: added.map {
                AddedToken(
                    id: Int32(truncatingIfNeeded: $0), content: parts.tokens[$0],
                    isSpecial: type($0) != .userDefined)
            })
    }
}

extension Unigram {
    /// Control, byte and unknown pieces are not found in a text, and those that the model's author added cost
    /// nothing, as in llama.cpp.
    fileprivate init(
        _ pieces: ScoredPieces, types: [SentencePieceParts.PieceType], unknown: Int32, hasByteFallback: Bool
    ) {
        func type(_ id: Int) -> SentencePieceParts.PieceType { types.isEmpty ? .normal : types[id] }
        let lowest =
            pieces.scores.indices.lazy.filter { type($0) == .normal }.map { Float(pieces.scores[$0]) }.min()
            ?? 0
        self.init(
            pieces, scores: pieces.scores.indices.map { type($0) == .userDefined ? 0 : pieces.scores[$0] },
            unknown: unknown, unknownScore: Double(lowest - 10), hasByteFallback: hasByteFallback
        ) { [.normal, .userDefined, .unused].contains(type($0)) }
    }
}
