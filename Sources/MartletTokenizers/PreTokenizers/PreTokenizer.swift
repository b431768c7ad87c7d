/// Splits normalized text into words.
protocol PreTokenizer: Sendable {
    /// Appends the words that begin in `text` at `start` or later, in order, and stops when there are `limit` of them.
    /// Returns where to go on; `text.count` at the end.
    func split(_ text: UnsafeBufferPointer<UInt8>, from start: Int, into words: inout [Range<Int>], limit: Int) -> Int
    /// Whether a space always separates words and is not part of one, so that text may be cut there.
    var isLocal: Bool { get }
}
