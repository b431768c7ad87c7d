/// What a collection consists of: its settings and its files, as of one commit. Replacing it is the commit.
struct Manifest: Sendable, Equatable {
    static let fileName = "manifest"
    /// Of collections whose words a model weighs; without one it is 1, which earlier versions read.
    static let version = 2

    struct SegmentEntry: Sendable, Equatable {
        let name: String
        let rows: Int
        let length: Int
        /// Of the table at the end of the file, which holds those of the sections.
        let checksum: UInt32
        var dead: DeadEntry?
    }

    struct DeadEntry: Sendable, Equatable {
        let name: String
        /// Rows that are dead.
        let count: Int
        let checksum: UInt32
    }

    var generation: Int
    /// The number that the next new file gets.
    var nextFile: Int
    var log: String
    var segments: [SegmentEntry]
    /// Of the rotation of vectors.
    let seed: UInt64
    var settings: CollectionSettings
    /// What the collection's user keeps with it, committed with the records: positions in sources, for
    /// example.
    var notes: [String: String]

    mutating func newFile(_ kind: String) -> String {
        defer { nextFile += 1 }
        let digits = String(nextFile)
        return "\(kind)-\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits)"
    }

    var files: Set<String> {
        var names: Set<String> = [log]
        for segment in segments {
            names.insert(segment.name)
            if let dead = segment.dead { names.insert(dead.name) }
        }
        return names
    }
}
