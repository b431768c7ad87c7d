/// How large batches may be so that a process stays below a number of bytes.
///
/// What a process holds is the model, the working memory of its forward passes, what the sink gathers, and
/// the batches: one is read, two wait, one is embedded, and as many are on their way into the sink. All of it
/// is known before the first batch, whatever the length of the input.
package struct MemoryPlan: Sendable, Equatable {
    /// The most texts of a batch.
    package let texts: Int
    /// The most bytes of text in a batch.
    package let bytes: Int

    /// The limit is less than the smallest batches need.
    package struct TooSmall: Error, Equatable {
        /// The least bytes that are enough.
        package let needed: Int
    }

    private static let batches = 8
    /// A text is in memory as it was read, as a string and as token ids.
    private static let copiesOfText = 4
    /// A row is computed, encoded, and on its way to the system.
    private static let copiesOfRow = 3
    /// What a record has besides its text: id, place, counts.
    private static let recordBytes = 512
    private static let (leastTexts, leastBytes) = (32, 64 << 10)
    /// For what is too small to be counted, and for gaps of the allocator.
    private static let reserve = 12 << 20

    /// - Parameters:
    ///   - limit: Bytes that the process may hold.
    ///   - used: Bytes that it has held until now, the model included.
    ///   - working: Bytes that forward passes will take.
    ///   - sink: Bytes that the sink gathers besides the batches.
    ///   - row: Bytes of one row.
    package init(limit: Int, used: Int, working: Int, sink: Int, row: Int) throws(TooSmall) {
        let fixed = used + working + sink + Self.reserve
        let textUnit = Self.batches * Self.copiesOfText
        let rowUnit = Self.batches * (Self.copiesOfRow * row + Self.recordBytes)
        let least = Self.leastBytes * textUnit + Self.leastTexts * rowUnit
        guard limit - fixed >= least else { throw TooSmall(needed: fixed + least) }
        // What is above the least goes to texts and to rows in equal parts.
        let half = (limit - fixed - least) / 2
        texts = Self.leastTexts + half / rowUnit
        bytes = Self.leastBytes + half / textUnit
    }
}
