/// What embedding a batch of texts took.
public struct Usage: Sendable, Hashable, Codable {
    /// Tokens that went through the model: special tokens and prompts counted, truncated ones not.
    public var tokens: Int
    /// The positions, from 0 and ascending, of the texts that were cut because they have more tokens than the
    /// model takes.
    public var truncatedInputs: [Int]
    /// Number of texts that are empty or have only white space. They have a vector all the same, as in
    /// sentence-transformers.
    public var blankInputs: Int

    /// Counts; all zero by default.
    public init(tokens: Int = 0, truncatedInputs: [Int] = [], blankInputs: Int = 0) {
        self.tokens = tokens
        self.truncatedInputs = truncatedInputs
        self.blankInputs = blankInputs
    }
}

extension Usage {
    /// Adds what the next texts of a sequence took, of which `before` came earlier.
    mutating func add(_ next: Usage, before: Int) {
        tokens += next.tokens
        truncatedInputs += next.truncatedInputs.lazy.map { $0 + before }
        blankInputs += next.blankInputs
    }
}
