internal import MartletTokenizers

extension Engine {
    /// The tokens of a text for a static model: without special tokens and, once the text was cut, without
    /// what is unknown.
    ///
    /// Returns the tokens before the cut, more than `limit` wherever something was cut.
    func encode(
        _ text: String, _ tokens: StaticTokens, into ids: inout [Int32], _ limit: Int?, _ policy: Truncation,
        _ scratch: TokenizerScratch
    ) -> Int {
        let first = ids.count
        var (text, isShortened) = (text, false)
        // Few texts have so many bytes that their characters are worth counting.
        if let characters = tokens.characters(limit), text.utf8.count > characters,
            text.unicodeScalars.count > characters
        {
            let scalars = text.unicodeScalars
            let kept = policy == .start ? scalars.suffix(characters) : scalars.prefix(characters)
            (text, isShortened) = (String(kept), true)
        }
        let total = text.withUTF8 {
            tokenizer.encode(
                utf8: UnsafeRawBufferPointer($0), into: &ids, maxTokens: limit, truncation: policy,
                addsSpecialTokens: false,
                scratch: scratch)
        }
        let isCut = isShortened || total > ids.count - first
        var known = total
        if let unknown = tokens.unknown {
            var place = first
            for index in first..<ids.count where ids[index] != unknown {
                ids[place] = ids[index]
                place += 1
            }
            known -= ids.count - place
            ids.removeLast(ids.count - place)
        }
        return isCut ? max(known, (limit ?? 0) + 1) : known
    }
}
