/// How large chunks are, in tokens of the model at hand.
public struct ChunkSize: Sendable, Hashable {
    /// The most tokens of a chunk as the model reads it, prompt and special tokens included. Nil: 512, or
    /// what the model takes if that is less.
    public var maxTokens: Int?
    /// The most tokens that a chunk repeats of the end of the one before, without special tokens.
    public var overlap: Int

    /// - Parameters:
    ///   - maxTokens: At most what the model takes; nil: 512, or less if the model takes less.
    ///   - overlap: At most half of `maxTokens`.
    public init(maxTokens: Int? = nil, overlap: Int = 0) {
        self.maxTokens = maxTokens
        self.overlap = overlap
    }

    static let defaultMaxTokens = 512

    /// The most tokens of a chunk.
    /// - Throws: ``ChunkingError`` if a number does not fit the model.
    func budget(_ counter: some TokenCounter) throws(ChunkingError) -> Int {
        let budget = maxTokens ?? min(Self.defaultMaxTokens, counter.maxTokens)
        guard budget <= counter.maxTokens else {
            throw ChunkingError(
                .invalidSize,
                "chunks of \(budget) tokens: the model takes \(counter.maxTokens); ask for fewer")
        }
        let surrounding = counter.count("")
        guard budget > surrounding else {
            throw ChunkingError(
                .invalidSize,
                "chunks of \(budget) tokens: the prompt and special tokens take \(surrounding), which leaves "
                    + "none for text; ask for more")
        }
        guard overlap >= 0, overlap <= (budget - surrounding) / 2 else {
            throw ChunkingError(
                .invalidSize,
                "an overlap of \(overlap) tokens: chunks have \(budget - surrounding) without prompt and "
                    + "special tokens, and the overlap is from 0 to half of that")
        }
        return budget
    }
}
