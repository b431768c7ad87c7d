/// What to do with a text that has more tokens than the model takes.
package enum Truncation: Sendable, Equatable {
    /// Drop tokens at the end of the text, as Hugging Face's `direction="right"`.
    case end
    /// Drop tokens at the start of the text, as `direction="left"`.
    case start
    case none
}

/// A text, or a pair of texts, as the model reads it.
package struct Encoding: Sendable, Equatable {
    package var ids: [Int32]
    /// nil where every type is 0.
    package var typeIDs: [Int32]?
    /// Before truncation, special tokens included.
    package var totalTokens: Int
    /// For each token the bytes of its text that it stands for, empty at 0 for special tokens of the
    /// template; nil unless asked for.
    package var offsets: [Range<Int>]?
    /// With offsets: which text each token is of, 0 or 1, and -1 for special tokens of the template.
    package var textIndices: [Int]?
    package var isTruncated: Bool { totalTokens > ids.count }
}

/// Buffers that one thread keeps from text to text, so that encoding stops allocating.
package final class TokenizerScratch {
    private(set) var normalized = TextBuffer()
    private(set) var words = WordList()
    /// The owner is kept with its memory: no other model can come to stand at its address.
    @exclusivity(unchecked) private var model: (owner: AnyObject, memory: ModelScratch)?

    package init() {}

    /// What it holds on to.
    package var bytes: Int { normalized.allocatedBytes + words.allocatedBytes + (model?.memory.bytes ?? 0) }

    /// Lets go of everything if that is more than `limit`: after a text that took much, the next ones begin
    /// anew.
    func trim(to limit: Int) {
        guard bytes > limit else { return }
        normalized = TextBuffer()
        words = WordList()
        model = nil
    }

    /// The working memory of the model that `owner` stands for: that of the last one is kept.
    @inline(__always)
    func memory<Memory: ModelScratch>(of owner: AnyObject, _ make: () -> Memory) -> Memory {
        if let model, model.owner === owner { return unsafeDowncast(model.memory, to: Memory.self) }
        let memory = make()
        model = (owner, memory)
        return memory
    }
}
