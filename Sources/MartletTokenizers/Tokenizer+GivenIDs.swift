extension Tokenizer {
    /// The ids of a text's own tokens in a list that somebody gives: without padding at its end, and without the
    /// special tokens that this tokenizer puts around a text. Special tokens elsewhere, such as one for what is
    /// unknown, belong to the text.
    package func ownIDs(in given: [Int32]) -> ArraySlice<Int32> {
        var own = given[...]
        if let padding { while own.last == padding { own.removeLast() } }
        let (before, after) = specialTokens
        if !before.isEmpty, own.starts(with: before) { own.removeFirst(before.count) }
        if !after.isEmpty, own.suffix(after.count).elementsEqual(after) { own.removeLast(after.count) }
        return own
    }

    /// The id that fills up the shorter texts of a batch, by its usual names; nil: the vocabulary has none of
    /// them.
    package var padding: Int32? {
        ["[PAD]", "<pad>", "<|endoftext|>", "<|pad|>"].lazy.compactMap(id(of:)).first
            .flatMap(Int32.init(exactly:))
    }
}
