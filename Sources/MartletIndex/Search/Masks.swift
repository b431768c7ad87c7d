/// Which rows of each segment, and of the log, a search may find.
struct Masks: Sendable {
    /// For each segment the rows; nil for all.
    let parts: [RowSet?]
    /// How many rows of each segment that are.
    let counts: [Int]
    let recent: [Bool]

    init(_ snapshot: Snapshot, _ filter: Filter?) throws(IndexError) {
        let checked = try filter.map { (filter) throws(IndexError) in
            try CheckedFilter(filter, schema: snapshot.fields)
        }
        var parts: [RowSet?] = []
        var counts: [Int] = []
        for part in snapshot.parts {
            guard let checked else {
                var live: RowSet?
                if let dead = part.dead {
                    var set = RowSet(count: part.segment.count, all: true)
                    set.subtract(dead)
                    live = set
                }
                parts.append(live)
                counts.append(part.liveCount)
                continue
            }
            var set = try checked.rows(of: part.segment)
            if let dead = part.dead { set.subtract(dead) }
            parts.append(set)
            counts.append(set.size)
        }
        self.parts = parts
        self.counts = counts
        recent = snapshot.recent.map { row in checked.map { $0.matches(row.row.fields) } ?? true }
    }
}
