/// Options of one call that makes a vector for each token.
public struct LateInteractionOptions: Sendable, Hashable {
    /// What happens to a text that is too long. Default: its end is cut off and the cut is reported.
    public var truncation: TruncationPolicy
    /// Put before each text, literally, after the token that marks its role; it replaces the prompt of the role.
    public var prompt: String?

    /// Options; everything that is not given stays as the model says.
    public init(truncation: TruncationPolicy = .native, prompt: String? = nil) {
        self.truncation = truncation
        self.prompt = prompt
    }
}
