/// The passes of a model over a text that is longer than it takes: each has some chunks whose vectors it
/// gives, and before them chunks that are there as context alone.
struct LateWindow: Equatable {
    /// The bytes of the text that are read.
    var range: Range<Int>
    /// Indices of the chunks whose vectors are taken.
    var chunks: Range<Int>
}

enum LateWindows {
    /// Windows of at most `limit` tokens, as full as whole chunks allow. Each but the first begins at the
    /// first chunk from which on at most `context` tokens come before its own chunks.
    /// - Parameters:
    ///   - spans: The chunks' bytes of the text, by rising start and by rising end.
    ///   - tokens: Tokens of a part of the text as the model reads it, prompt and special tokens included.
    static func windows(
        _ spans: [Range<Int>], limit: Int, context: Int, tokens: (Range<Int>) -> Int
    ) throws(ChunkingError) -> [LateWindow] {
        var windows: [LateWindow] = []
        let surrounding = tokens(0..<0)
        var first = 0
        while first < spans.count {
            var start = spans[first].lowerBound
            if first > 0 {
                let fits = (0..<first).reversed().prefix {
                    let before = spans[$0].lowerBound..<spans[first].lowerBound
                    return tokens(before) - surrounding <= context
                        && tokens(spans[$0].lowerBound..<spans[first].upperBound) <= limit
                }
                if let earliest = fits.last { start = spans[earliest].lowerBound }
            }
            let count = spans[first...].prefix { tokens(start..<$0.upperBound) <= limit }.count
            guard count > 0 else {
                throw ChunkingError(
                    .invalidSize,
                    "chunk \(first) has \(tokens(spans[first])) tokens and the model takes \(limit); "
                        + "make smaller chunks",
                    offset: spans[first].lowerBound)
            }
            windows.append(
                LateWindow(range: start..<spans[first + count - 1].upperBound, chunks: first..<first + count))
            first += count
        }
        return windows
    }
}
