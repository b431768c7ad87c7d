/// What one call of a model may hold. Nil: not limited, or not known.
public struct InputLimits: Sendable, Hashable, Codable {
    /// The most tokens of one text, special tokens included; what happens to a longer one is
    /// ``EmbedOptions/truncation``.
    public var maxTokens: Int?
    /// The most texts of one call, as remote providers limit it.
    public var maxTexts: Int?
    /// Texts of a call that the model computes most efficiently.
    public var preferredTexts: Int?

    /// Limits.
    public init(maxTokens: Int? = nil, maxTexts: Int? = nil, preferredTexts: Int? = nil) {
        self.maxTokens = maxTokens
        self.maxTexts = maxTexts
        self.preferredTexts = preferredTexts
    }
}
