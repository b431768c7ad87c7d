/// Records in a plane, so that like ones are near each other: a picture of a collection.
public struct RecordMap: Sendable {
    /// A record, and where it is.
    public struct Point: Sendable {
        /// The id of the record.
        public let id: String
        /// Its text.
        public let text: String
        /// Its fields.
        public let fields: [String: FieldValue]
        /// Its place on the first axis.
        public let x: Float
        /// Its place on the second axis.
        public let y: Float
    }

    /// The records, in the order of the collection.
    public let points: [Point]
    /// How much of the vectors' variance both axes have, from 0 to 1.
    public let share: Float
}

extension Snapshot {
    /// A sample of the records on the two principal axes of its vectors.
    ///
    /// Cost: about 0.2 s for 1,000 records of 384 dimensions, whatever the collection's size.
    /// - Parameters:
    ///   - count: Records wanted, from 1 to 5000; they are spread evenly over the collection.
    ///   - filter: Which records; nil: all.
    ///   - ids: Records that are to be among them.
    /// - Throws: ``IndexError``.
    public func map(count: Int = 500, filter: Filter? = nil, including ids: [String] = []) throws(IndexError)
        -> RecordMap
    {
        guard (1...5000).contains(count), ids.count <= 5000 else {
            throw IndexError(.invalidOption, "a map has 1 to 5000 records, not \(max(count, ids.count))")
        }
        let rows = try sample(count, by: filter, including: ids)
        let vectors = rows.map { vector(of: $0) }
        let axes = PrincipalAxes(vectors)
        var points: [RecordMap.Point] = []
        for (row, vector) in zip(rows, vectors) {
            let (id, text, fields) = try content(of: row)
            let (x, y) = axes.place(of: vector)
            points.append(RecordMap.Point(id: id, text: text, fields: fields, x: x, y: y))
        }
        return RecordMap(points: points, share: axes.share)
    }

    /// Rows that are spread evenly over those that a filter allows, and those of some ids, in order.
    private func sample(_ count: Int, by filter: Filter?, including ids: [String]) throws(IndexError) -> [Int]
    {
        let masks = try Masks(self, filter)
        var allowed: [UInt32] = []
        for (part, mask) in zip(parts, masks.parts) {
            func add(_ row: Int) { allowed.append(UInt32(part.firstRow + row)) }
            if let mask { mask.forEach(add) } else { for row in 0..<part.segment.count { add(row) } }
        }
        for (index, isAllowed) in masks.recent.enumerated() where isAllowed {
            allowed.append(UInt32(firstRecent + index))
        }
        var rows: Set<Int> = []
        for number in 0..<min(count, allowed.count) {
            rows.insert(Int(allowed[number * allowed.count / min(count, allowed.count)]))
        }
        for id in ids { if let row = try row(id: id) { rows.insert(row) } }
        return rows.sorted()
    }
}
