extension Snapshot {
    /// Bytes of the segments' files and of what the log holds.
    public var bytesOnDisk: Int {
        parts.reduce(0) { $0 + $1.segment.file.count }
            + recent.reduce(0) { $0 + $1.row.vector.count + $1.row.text.count }
    }

    /// Segments, which searches go through one after the other.
    public var segmentCount: Int { parts.count }

    /// Lists that `optimize` has ordered rows by; 0: there are none.
    public var listCount: Int { parts.reduce(0) { $0 + ($1.segment.lists?.count ?? 0) } }

    /// Rows that were replaced or removed, and still take space.
    public var deadCount: Int { parts.reduce(0) { $0 + ($1.dead?.size ?? 0) } }

    /// Records that are in the log and in no segment yet.
    public var recentCount: Int { recent.count }
}
