#if Command

import MartletData

/// A document with its score.
struct ScoredRecord {
    let record: Record
    let score: Float

    /// The higher score first, the earlier document among equals.
    func precedes(_ other: ScoredRecord) -> Bool {
        score == other.score ? record.index < other.record.index : score > other.score
    }
}

/// The best documents of those that were added; with a limit no more of them are kept than it asks for.
struct Ranking {
    /// The most documents of the result; nil: all.
    let limit: Int?
    private var kept: [ScoredRecord] = []

    init(limit: Int?) { self.limit = limit }

    /// Adds documents with their scores. Sorting is put off until twice as many wait as are wanted.
    mutating func add(_ records: [Record], scores: [Float]) {
        kept += zip(records, scores).map { ScoredRecord(record: $0, score: $1) }
        guard let limit, kept.count > max(limit > Int.max / 2 ? limit : 2 * limit, 1024) else { return }
        kept = best
    }

    /// Best first.
    var best: [ScoredRecord] {
        let sorted = kept.sorted { $0.precedes($1) }
        return limit.map { Array(sorted.prefix($0)) } ?? sorted
    }
}

#endif
