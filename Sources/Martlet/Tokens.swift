/// A text as the model reads it.
public struct Tokens: Sendable, Hashable {
    /// Token ids, special tokens included.
    public let ids: [Int]
    /// The tokens as the vocabulary spells them.
    public let tokens: [String]
    /// Whether tokens were cut off.
    public let isTruncated: Bool
    /// Tokens before the cut, special tokens included.
    public let total: Int
}
