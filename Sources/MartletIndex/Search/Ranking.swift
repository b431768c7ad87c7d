/// The best rows of one list, and how any other row would be scored in it.
struct RankedList {
    enum Kind {
        case vector([Float])
        case words(WordSearch)
    }

    let kind: Kind
    let rows: [ScoredRow]

    var isOfVectors: Bool { if case .vector = kind { true } else { false } }

    func rank(of row: Int) -> Int? { rows.firstIndex { $0.row == row }.map { $0 + 1 } }

    /// The scores of rows, whether they are among the best or not.
    /// - Parameter rows: In ascending order.
    func scores(of rows: [Int], in snapshot: Snapshot) throws(IndexError) -> [Float] {
        switch kind {
        case .words(let search): try search.scores(of: rows)
        case .vector(let vector): snapshot.similarities(of: rows, to: vector)
        }
    }

    func terms(of row: Int) throws(IndexError) -> [Hit.Term] {
        guard case .words(let search) = kind else { return [] }
        return try search.terms(of: row)
    }
}

/// Fuses lists of hits.
struct Ranking {
    private let snapshot: Snapshot

    init(_ snapshot: Snapshot) { self.snapshot = snapshot }

    func fused(_ lists: [RankedList], by fusion: SearchRequest.Fusion, count: Int) throws(IndexError)
        -> [ScoredRow]
    {
        let filled = lists.filter { !$0.rows.isEmpty }
        guard filled.count > 1 else { return Array((filled.first?.rows ?? []).prefix(count)) }
        var totals: [Int: Float] = [:]
        switch fusion {
        case .ranks:
            for list in filled {
                for (rank, row) in list.rows.enumerated() {
                    totals[row.row, default: 0] += 1 / Float(61 + rank)
                }
            }
        case .scores:
            let union = Set(filled.flatMap { $0.rows.map(\.row) }).sorted()
            for list in filled {
                // A row that only another list has gets its score here all the same.
                let scores = try list.scores(of: union, in: snapshot)
                guard let low = scores.min(), let high = scores.max() else { continue }
                for (row, score) in zip(union, scores) {
                    // Where all are alike, all are the best.
                    let scaled = high > low ? (score - low) / (high - low) : 1
                    totals[row, default: 0] += scaled / Float(filled.count)
                }
            }
        }
        let rows = totals.map { ScoredRow(row: $0.key, score: $0.value) }
        return Array(
            rows.sorted { $0.score != $1.score ? $0.score > $1.score : $0.row < $1.row }.prefix(count))
    }
}
