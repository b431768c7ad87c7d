/// What a model gives for a text.
public enum ModelKind: String, Sendable, Hashable, CaseIterable {
    /// One vector.
    case dense
    /// One vector, from a table without a transformer.
    case `static`
    /// Weights for some of the vocabulary's words.
    case sparse
    /// A vector for each token, for late interaction.
    case multiVector = "multi"
    /// A score for a query and a text.
    case reranker
}
