/// Options of one call that makes sparse vectors.
public struct SparseOptions: Sendable, Hashable {
    /// The most dimensions of a vector that are not 0, at least 1; the largest are kept. Nil: what the model says, usually all.
    public var maxActiveDimensions: Int?
    /// What happens to a text that is too long. Default: its end is cut off and the cut is reported.
    public var truncation: TruncationPolicy
    /// Put before each text, literally; it replaces the prompt of the role.
    public var prompt: String?

    /// Options; everything that is not given stays as the model says.
    public init(maxActiveDimensions: Int? = nil, truncation: TruncationPolicy = .native, prompt: String? = nil) {
        self.maxActiveDimensions = maxActiveDimensions
        self.truncation = truncation
        self.prompt = prompt
    }

    var text: EmbedOptions { EmbedOptions(truncation: truncation, prompt: prompt) }
}
