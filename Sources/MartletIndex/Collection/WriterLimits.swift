/// When a writer makes segments, and of what size. Tests make them small.
package struct WriterLimits: Sendable {
    /// Rows of one commit that go into the log; those of a larger one become a segment.
    package var rowsOfCommit = 128
    /// Rows and bytes of the log's file, above which it becomes a segment.
    package var logRows = 512
    package var logBytes = 1 << 22
    /// What a segment is made of in memory at most.
    package var segmentRows = 1 << 15
    package var segmentBytes = 24 << 20
    /// Bytes of the ids, and of the distinct words, of a segment at most.
    package var nameBytes = Int(UInt32.max)
    /// Segments of like size that are merged into one.
    package var mergedSegments = 8
    /// Whether merges have a thread of their own.
    package var mergesInBackground = false

    package init() {}
}
