/// What a run has done so far.
package struct RunCounts: Sendable, Equatable {
    package var texts = 0
    package var tokens = 0
    package var truncated = 0
    /// The first text that was cut, as messages name it.
    package var firstTruncated: String?
    package var blank = 0
    package var skipped = 0
    /// Records whose rows are there.
    package var unchanged = 0
    package var bytesRead = 0

    package init() {}
}
