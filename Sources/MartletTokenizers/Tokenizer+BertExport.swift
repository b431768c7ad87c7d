/// What a BERT tokenizer is made of, for formats that keep a vocabulary and flags instead of a
/// tokenizer.json.
package struct BertTokenizerParts: Sendable {
    /// By id, as vocab.txt spells them: continuation pieces begin with `##`.
    package let tokens: [String]
    package let options: BertOptions
    package let specials: BertSpecialTokens
    /// Ids of tokens that are matched literally and carry no text.
    package let specialIDs: Set<Int>
}

extension Tokenizer {
    /// The parts of a tokenizer that `Tokenizer(ggufTokens:…)` can make again, or nil for one that works
    /// differently.
    package var bertParts: BertTokenizerParts? {
        guard let model = model as? WordPiece, model.prefix == Array("##".utf8), model.maxCharacters == 100,
            let normalizer = normalizer as? BertNormalizer, let options = normalizer.bertOptions,
            preTokenizer is BertPreTokenizer,
            template.prefix.count == 1, template.suffix.count == 1,
            added.values.allSatisfy({ $0 == AddedToken(id: $0.id, content: $0.content) })
        else { return nil }
        var tokens: [String] = []
        for id in 0..<vocabularySize {
            guard let token = token(id: id) else { return nil }
            tokens.append(token)
        }
        let specials = BertSpecialTokens(
            cls: Int(template.prefix[0]), sep: Int(template.suffix[0]), unknown: Int(model.unknown),
            pad: id(of: "[PAD]"),
            mask: id(of: "[MASK]"))
        let known = Set(
            [specials.cls, specials.sep, specials.unknown, specials.pad, specials.mask].compactMap { $0 })
        let specialIDs = Set(added.values.filter(\.isSpecial).map { Int($0.id) })
        guard specialIDs == known else { return nil }
        return BertTokenizerParts(
            tokens: tokens, options: options, specials: specials, specialIDs: specialIDs)
    }

    package func isSpecial(id: Int) -> Bool { Int32(exactly: id).flatMap { added[$0]?.isSpecial } ?? false }
}

extension BertNormalizer {
    /// The flags that give these steps, or nil if no flags do.
    fileprivate var bertOptions: BertOptions? {
        guard steps.contains(.cleanText), !steps.contains(.decompose) || dropped == .nonspacing else {
            return nil
        }
        return BertOptions(
            lowercase: steps.contains(.lowercase), stripAccents: steps.contains(.decompose),
            tokenizeChineseChars: steps.contains(.spaceChinese))
    }
}
