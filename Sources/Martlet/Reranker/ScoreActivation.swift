/// What becomes of a classifier's numbers.
public enum ScoreActivation: String, Sendable, Hashable, CaseIterable {
    /// What the model's own files say. Where they name no function: for a single number the sigmoid; for the
    /// labels of ``Reranker/predict(_:_:)`` the softmax, or the sigmoid where the model gives a text several
    /// labels. The identity, which sentence-transformers writes for several labels where nobody chose, counts
    /// as none. The default.
    case native
    /// 1 / (1 + e⁻ˣ), between 0 and 1.
    case sigmoid
    /// The numbers as the model computes them.
    case raw
}
