/// What a model makes of a text.
public enum EmbeddingKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// One vector: ``Embedder``.
    case dense
    /// One vector with a weight for few of many tokens: ``SparseEmbedder``.
    case sparse
    /// One vector for each token, for late interaction: ``MultiVectorEmbedder``.
    case multi
}
