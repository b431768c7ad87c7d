internal import CMartletKernels

/// Lists of near rows in a segment: each row is in the list of the centroid that is nearest to it, and the rows
/// of a list follow each other (Sivic, Zisserman: Video Google, ICCV 2003).
///
/// A search that asks for it scans only the lists whose centroids are nearest to the question. Codes and rows are
/// those of every other segment.
struct VectorLists: Sendable {
    let dimensions: Int
    /// One after the other.
    let centroids: [Float]
    /// 0, and where each list ends.
    let ends: [UInt32]

    var count: Int { ends.count - 1 }

    init(dimensions: Int, centroids: [Float], ends: [UInt32]) {
        (self.dimensions, self.centroids, self.ends) = (dimensions, centroids, ends)
    }

    /// nil if the segment is not ordered by lists.
    init?(_ file: FileSections, rows: Int, dimensions: Int) throws(IndexError) {
        guard file.find(SegmentSection.listEnds.rawValue) != nil else { return nil }
        let ends = Array(try file.section(.listEnds, of: UInt32.self))
        guard ends.count > 1, ends.first == 0, ends.last == UInt32(rows),
            zip(ends, ends.dropFirst()).allSatisfy({ $0 <= $1 })
        else { throw .damaged(file.path, "the ends of its lists are not in order") }
        let centroids = Array(
            try file.section(.centroids, of: Float.self, count: (ends.count - 1) * dimensions))
        self.init(dimensions: dimensions, centroids: centroids, ends: ends)
    }

    /// The rows of the lists that are nearest to a vector.
    func rows(nearest vector: [Float], _ probes: Int, of count: Int) -> RowSet {
        let scores = centroids.withUnsafeBytes { bytes -> [Float] in
            guard let base = bytes.baseAddress else { return [] }
            return IndexKernels.scores(
                vector, store: .f32, rows: base, scales: nil, numbers: nil, count: self.count)
        }
        let best = BestRows(wanted: min(probes, self.count))
        for (list, score) in scores.enumerated() { best.add(score, row: UInt32(list)) }
        var rows = RowSet(count: count)
        for list in best.sorted() { rows.insert(Int(ends[list.row])..<Int(ends[list.row + 1])) }
        return rows
    }

    /// How many lists are worth it for so many rows.
    static func usualCount(_ rows: Int) -> Int { max(1, min(65536, Int(Double(rows).squareRoot() * 2))) }
}
