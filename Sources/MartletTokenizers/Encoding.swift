/// What to do with a text that has more tokens than the model takes.
package enum Truncation: Sendable, Equatable {
    /// Drop tokens at the end of the text, as Hugging Face's `direction="right"`.
    case end
    /// Drop tokens at the start of the text, as `direction="left"`.
    case start
    case none
}

/// A text as the model reads it.
package struct Encoding: Sendable, Equatable {
    package var ids: [Int32]
    /// nil where every type is 0.
    package var typeIDs: [Int32]?
    /// Before truncation, special tokens included.
    package var totalTokens: Int
    package var isTruncated: Bool { totalTokens > ids.count }
}

/// Buffers that one thread keeps from text to text, so that encoding stops allocating.
package final class TokenizerScratch {
    let normalized = ByteBuffer()
    var words: [Range<Int>] = []

    package init() {}
}
