import MartletData

/// What a job has done.
public struct JobResult: Sendable, Equatable {
    /// Records that earlier runs had done.
    public internal(set) var recordsBefore = 0
    /// Texts that this run has embedded.
    public internal(set) var texts = 0
    /// Their tokens, as the model counts them.
    public internal(set) var tokens = 0
    /// Texts that were longer than the model takes and were cut.
    public internal(set) var truncated = 0
    /// Texts that are empty or blank.
    public internal(set) var blank = 0
    /// Records that were left out.
    public internal(set) var skipped = 0

    init() {}

    init(_ counts: RunCounts, before: Int) {
        recordsBefore = before
        (texts, tokens) = (counts.texts, counts.tokens)
        (truncated, blank, skipped) = (counts.truncated, counts.blank, counts.skipped)
    }
}
