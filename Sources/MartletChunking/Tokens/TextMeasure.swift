/// The sizes of a text's parts in tokens.
public protocol TextMeasure {
    /// Tokens of the part as the model reads it alone, prompt and special tokens included.
    /// - Parameter range: Bytes of the text, from and to a Unicode scalar's first byte.
    func tokens(in range: Range<Int>) -> Int

    /// About how many tokens are before a byte. It never falls from one byte to a later one.
    func estimatedTokens(before offset: Int) -> Int
}
