#if Command

/// What a run has done so far.
struct RunCounts: Sendable, Equatable {
    var texts = 0
    var tokens = 0
    var truncated = 0
    /// The first text that was cut, as errors name it.
    var firstTruncated: String?
    var blank = 0
    var skipped = 0
    var bytesRead = 0
}

#endif
