/// A collection as of one commit. It never changes, whatever writers do meanwhile, and stays readable after
/// its files are removed.
public final class Snapshot: Sendable {
    struct Part: Sendable {
        let segment: Segment
        let firstRow: Int
        var dead: RowSet?

        var liveCount: Int { segment.count - (dead?.size ?? 0) }
    }

    /// Counts commits and merges of segments.
    let generation: Int
    /// What the collection was made with.
    public let settings: CollectionSettings
    /// Types of all fields.
    public let fields: FieldSchema
    /// What was kept with the last commit.
    public let notes: [String: String]
    let rotation: Rotation
    let parts: [Part]
    /// Rows that are in the log alone, with their words.
    let recent: [RecentRow]
    /// Live records.
    public let count: Int

    init(
        generation: Int, settings: CollectionSettings, fields: FieldSchema, notes: [String: String],
        rotation: Rotation, parts: [Part],
        recent: [RecentRow]
    ) {
        self.generation = generation
        self.settings = settings
        self.fields = fields
        self.notes = notes
        self.rotation = rotation
        self.parts = parts
        self.recent = recent
        count = parts.reduce(recent.count) { $0 + $1.liveCount }
    }

    /// The number of the first row of the log.
    var firstRecent: Int { parts.last.map { $0.firstRow + $0.segment.count } ?? 0 }

    // MARK: Commits

    /// The snapshot after a commit that the log holds.
    func applying(_ commits: [LogCommit], fields: FieldSchema? = nil) throws(IndexError) -> Snapshot {
        var parts = parts
        var recent = recent
        var schema = fields ?? self.fields
        var places: [[UInt8]: Int] = [:]
        for (place, row) in recent.enumerated() { places[row.row.id] = place }
        var removed: Set<Int> = []
        func leave(_ id: [UInt8]) throws(IndexError) {
            if let place = places.removeValue(forKey: id) {
                removed.insert(place)
            } else {
                try Self.kill(id, in: &parts)
            }
        }
        for commit in commits {
            for id in commit.removed { try leave(id) }
            for row in commit.rows {
                try leave(row.id)
                try schema.accept(row.fields, record: 0)
                places[row.id] = recent.count
                recent.append(RecentRow(row, settings: settings))
            }
        }
        if !removed.isEmpty { recent = recent.indices.filter { !removed.contains($0) }.map { recent[$0] } }
        return Snapshot(
            generation: generation, settings: settings, fields: schema, notes: notes, rotation: rotation,
            parts: parts, recent: recent)
    }

    /// Marks the live row with an id as dead, if a segment has it.
    static func kill(_ id: [UInt8], in parts: inout [Part]) throws(IndexError) {
        for index in parts.indices.reversed() {
            let segment = parts[index].segment
            guard
                let row = try id.withUnsafeBytesThrowing({ (bytes) throws(IndexError) in
                    try segment.find(bytes)
                })
            else { continue }
            if parts[index].dead?.contains(row) == true { continue }
            var dead = parts[index].dead ?? RowSet(count: segment.count)
            parts[index].dead = nil
            dead.insert(row)
            parts[index].dead = dead
            return
        }
    }

    // MARK: Records

    /// The record with an id; nil if there is none.
    /// - Throws: ``IndexError`` if a file is damaged.
    public func record(id: String) throws(IndexError) -> Record? {
        guard let row = try row(id: id) else { return nil }
        switch place(of: row) {
        case .segment(let part, let row): return try part.segment.record(row)
        case .recent(let recent): return try recent.record(settings)
        }
    }

    /// The row of a live record; nil if there is none.
    func row(id: String) throws(IndexError) -> Int? {
        let bytes = Array(id.utf8)
        if let index = recent.lastIndex(where: { $0.row.id == bytes }) { return firstRecent + index }
        for part in parts.reversed() {
            let found = try bytes.withUnsafeBytesThrowing { (bytes) throws(IndexError) in
                try part.segment.find(bytes)
            }
            if let row = found, part.dead?.contains(row) != true { return part.firstRow + row }
        }
        return nil
    }

    /// Calls `body` with every live record, the oldest first. Memory: one record.
    public func forEachRecord(_ body: (Record) throws -> Void) throws {
        for part in parts {
            part.segment.readsAllRows()
            for row in LiveRows(part.segment, dead: part.dead, firstNumber: 0).live {
                try body(try part.segment.record(row))
            }
        }
        for row in recent { try body(try row.record(settings)) }
    }

    /// Where a row of the snapshot is.
    enum Place {
        case segment(Part, row: Int)
        case recent(RecentRow)
    }

    func place(of row: Int) -> Place {
        if row >= firstRecent { return .recent(recent[row - firstRecent]) }
        let part = parts[partIndex(of: row)]
        return .segment(part, row: row - part.firstRow)
    }

    /// The number of the part that has a row of a segment.
    func partIndex(of row: Int) -> Int {
        var (low, high) = (0, parts.count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if parts[middle].firstRow <= row { low = middle } else { high = middle - 1 }
        }
        return low
    }
}

extension [UInt8] {
    /// `withUnsafeBytes` for bodies with typed errors.
    func withUnsafeBytesThrowing<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R
    {
        try withUnsafeBufferPointer { (buffer) throws(E) in try body(UnsafeRawBufferPointer(buffer)) }
    }
}
