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
