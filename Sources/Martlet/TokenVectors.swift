/// The vectors of one text's tokens, before pooling.
public struct TokenVectors: Sendable, Hashable {
    /// The tokens as the vocabulary spells them, special tokens included.
    public let tokens: [String]
    /// Their ids.
    public let ids: [Int]
    /// [tokens × hidden size], in the order of the tokens.
    public let vectors: Embeddings
}
