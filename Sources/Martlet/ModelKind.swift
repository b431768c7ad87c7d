/// What a model makes of a text.
public enum ModelKind: String, Sendable, Hashable, CaseIterable {
    /// A vector: see ``Embedder``.
    case embedder
    /// A score for a query and a document together: see ``Reranker``.
    case reranker
    /// A score for each of several labels: see ``Reranker/predict(_:_:)``.
    case classifier
    /// A sparse vector: see ``SparseEmbedder``.
    case sparse
    /// A vector for each token: see ``MultiVectorEmbedder``.
    case lateInteraction = "late_interaction"
    /// A vector in the context of a corpus: see ``ContextualEmbedder``.
    case contextual
}
