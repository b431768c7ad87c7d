/// Chooses rows that differ from each other: one after the other, that with the highest
/// (1 - diversity) · score - diversity · similarity to the nearest chosen one.
struct Diversity {
    private let vectors: [[Float]]

    /// - Parameter vectors: Of the rows, the best first.
    init(of vectors: [[Float]]) { self.vectors = vectors }

    /// Takes count · rows products of vectors.
    /// - Parameter rows: The best first; as many as the vectors.
    func choose(_ count: Int, of rows: [ScoredRow], by diversity: Float) -> [ScoredRow] {
        guard let best = rows.first, let worst = rows.last, best.score > worst.score else { return rows }
        let worth = rows.map { (1 - diversity) * ($0.score - worst.score) / (best.score - worst.score) }
        var nearest = [Float](repeating: 0, count: rows.count)
        var left = Array(rows.indices)
        var chosen: [ScoredRow] = []
        while chosen.count < count, !left.isEmpty {
            var place = 0
            var highest = -Float.infinity
            // The better of two that are worth the same: `left` stays in the order of the rows.
            for (index, row) in left.enumerated() {
                let value = worth[row] - diversity * nearest[row]
                if value > highest { (place, highest) = (index, value) }
            }
            let next = left.remove(at: place)
            chosen.append(rows[next])
            for row in left { nearest[row] = max(nearest[row], vectors[row].dot(vectors[next])) }
        }
        return chosen
    }
}
