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

/// Options of one call that scores texts.
public struct RerankOptions: Sendable, Hashable {
    /// What becomes of the model's numbers. Default: as the model says.
    public var activation: ScoreActivation
    /// What happens to a pair that is too long. Default: tokens are cut from the end of the longer of the two
    /// texts, and the pair is listed in ``Usage/truncatedInputs``.
    public var truncation: TruncationPolicy
    /// What the search is for, for models that read an instruction with each pair. Nil: the model's own.
    public var instruction: String?

    /// Options; everything that is not given stays as the model says.
    public init(
        activation: ScoreActivation = .native, truncation: TruncationPolicy = .native,
        instruction: String? = nil
    ) {
        self.activation = activation
        self.truncation = truncation
        self.instruction = instruction
    }
}
