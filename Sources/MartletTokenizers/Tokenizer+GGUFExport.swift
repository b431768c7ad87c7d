/// What GGUF says of a byte-level tokenizer: see `Tokenizer(ggufTokens:…)`.
package struct BytePairParts: Sendable {
    /// By id.
    package var tokens: [String]
    /// `tokenizer.ggml.token_type`
    package var types: [Int]
    package var merges: [String]
    /// `tokenizer.ggml.pre`
    package var pre: String
    package var specials: GGUFSpecialTokens
}

extension Tokenizer {
    /// The parts of a byte-level tokenizer, or nil for one that works differently: the tokenizer that is made
    /// of them splits and normalizes as this one, and gives `probes` the same ids.
    package func bytePairParts(_ probes: [String]) -> BytePairParts? {
        guard let model = model as? BPE, model.readsBytes, model.coversBytes, model.options.prefix.isEmpty,
            model.options.suffix.isEmpty,
            let frame = ggufFrame
        else { return nil }
        let named = namedTokens
        let merges = model.merges.ordered.compactMap { pair in
            zip2(model.vocabulary.token(id: pair.left), model.vocabulary.token(id: pair.right)).map {
                "\($0) \($1)"
            }
        }
        guard merges.count == model.merges.count else { return nil }
        let mask = added.values.first { ["[MASK]", "<mask>", "<|mask|>"].contains($0.content) }
        let specials = GGUFSpecialTokens(
            bos: frame.before, eos: frame.after, mask: mask.map { Int($0.id) }, addsBOS: frame.before != nil,
            addsEOS: frame.after != nil)
        for name in GGUFSplit.rows.compactMap(\.names.first) {
            let parts = BytePairParts(
                tokens: named.tokens, types: named.types, merges: merges, pre: name, specials: specials)
            guard let made = try? Tokenizer(parts), let other = made.model as? BPE,
                other.options.ignoresMerges == model.options.ignoresMerges,
                String(describing: made.normalizer) == String(describing: normalizer),
                String(describing: made.preTokenizer) == String(describing: preTokenizer),
                agrees(with: made, on: probes)
            else { continue }
            return parts
        }
        return nil
    }

    private init(_ parts: BytePairParts) throws(TokenizerError) {
        try self.init(
            ggufTokens: parts.tokens, merges: parts.merges, pre: parts.pre, types: parts.types,
            specials: parts.specials, file: "")
    }

    /// The parts of a Unigram tokenizer, or nil for one that works differently: the tokenizer that is made of
    /// them gives `probes` the same ids. GGUF holds scores as 32-bit floats.
    package func unigramParts(_ probes: [String]) -> SentencePieceParts? {
        guard let model = model as? Unigram, !model.hasByteFallback, let frame = ggufFrame else { return nil }
        var named = namedTokens
        named.types[Int(model.unknown)] = SentencePieceParts.PieceType.unknown.rawValue
        let steps = (normalizer as? NormalizerSequence)?.parts ?? [normalizer].compactMap { $0 }
        let charsmaps = steps.compactMap { ($0 as? Precompiled)?.charsmap }
        guard charsmaps.count < 2 else { return nil }
        var parts = SentencePieceParts(
            .unigram, tokens: named.tokens,
            scores: named.tokens.indices.map { $0 < model.scores.count ? Float(model.scores[$0]) : 0 },
            types: named.types)
        parts.charsmap = charsmaps.first?.bytes ?? []
        parts.unknown = Int(model.unknown)
        (parts.bos, parts.eos) = (frame.before, frame.after)
        (parts.addsBOS, parts.addsEOS) = (frame.before != nil, frame.after != nil)
        for (prefix, merges) in [(true, true), (true, false), (false, false), (false, true)] {
            (parts.addsSpacePrefix, parts.removesExtraSpaces) = (prefix, merges)
            if let made = try? Tokenizer(sentencePiece: parts, file: ""), agrees(with: made, on: probes) {
                return parts
            }
        }
        return nil
    }

    /// The tokens before and after a text; nil where there are more of them.
    private var ggufFrame: (before: Int?, after: Int?)? {
        guard template.prefix.count < 2, template.suffix.count < 2, !hasTypes else { return nil }
        return (template.prefix.first.map(Int.init), template.suffix.first.map(Int.init))
    }

    /// All tokens by id, with their types; ids without one have a name that no text is taken for.
    private var namedTokens: (tokens: [String], types: [Int]) {
        let types = (0..<vocabularySize).map { id -> Int in
            guard let known = token(id: id) else { return SentencePieceParts.PieceType.unused.rawValue }
            guard let token = added[Int32(truncatingIfNeeded: id)] else {
                return known.isEmpty
                    ? SentencePieceParts.PieceType.unused.rawValue
                    : SentencePieceParts.PieceType.normal.rawValue
            }
            return (token.isSpecial ? SentencePieceParts.PieceType.control : .userDefined).rawValue
        }
        return ((0..<vocabularySize).map { token(id: $0) ?? "[PAD\($0)]" }, types)
    }

    private func agrees(with other: Tokenizer, on probes: [String]) -> Bool {
        let step = max(1, vocabularySize / 4096)
        let words = stride(from: 0, to: vocabularySize, by: step).lazy.filter {
            added[Int32(truncatingIfNeeded: $0)] == nil
        }
        .map { decode([Int32(truncatingIfNeeded: $0)]) }
        return probes.allSatisfy { encode($0).ids == other.encode($0).ids }
            && words.allSatisfy { encode($0).ids == other.encode($0).ids }
    }
}

private func zip2<A, B>(_ a: A?, _ b: B?) -> (A, B)? {
    if let a, let b { (a, b) } else { nil }
}
