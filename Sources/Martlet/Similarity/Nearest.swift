/// A vector found by a search.
public struct Match: Sendable, Hashable {
    /// Its position in the block that was searched, from 0.
    public let index: Int
    /// Its similarity to the query.
    public let score: Float

    /// Whether this match comes before another: the higher score first, the lower index among equals, NaN
    /// last.
    func precedes(_ other: Match) -> Bool {
        if score.isNaN || other.score.isNaN {
            return score.isNaN == other.score.isNaN ? index < other.index : other.score.isNaN
        }
        return score == other.score ? index < other.index : score > other.score
    }
}

extension Embeddings {
    /// The vectors most similar to a query, by comparing it with all of them.
    /// - Parameters:
    ///   - query: The vector to search for.
    ///   - limit: The most results to return; all if there are fewer.
    ///   - function: See ``SimilarityFunction``. Default: cosine.
    /// - Returns: Up to `limit` matches, best first; the lower index first among equal scores; NaN scores
    ///   last.
    /// - Throws: ``MartletError/Code/differentSpaces`` or ``MartletError/Code/dimensionMismatch`` if query
    ///   and block cannot be compared.
    public func nearest(
        to query: Embedding, limit: Int, by function: SimilarityFunction = .cosine
    ) throws(MartletError) -> [Match] {
        try ModelIdentity.requireSameSpace(query.identity, identity)
        guard limit > 0 else { return [] }
        var heap = WorstFirstHeap(capacity: Swift.min(limit, count))
        for (index, score) in try similarities(of: query, norms: function.norms(of: self), by: function)
            .enumerated()
        {
            heap.offer(Match(index: index, score: score))
        }
        return heap.best()
    }
}

/// The best matches so far, the worst of them on top, so that a better one replaces it in logarithmic time.
private struct WorstFirstHeap {
    private let capacity: Int
    private var matches: [Match] = []

    init(capacity: Int) {
        self.capacity = capacity
        matches.reserveCapacity(capacity)
    }

    mutating func offer(_ match: Match) {
        if matches.count < capacity {
            matches.append(match)
            siftUp(matches.count - 1)
        } else if let worst = matches.first, match.precedes(worst) {
            matches[0] = match
            siftDown(0)
        }
    }

    func best() -> [Match] { matches.sorted { $0.precedes($1) } }

    private mutating func siftUp(_ start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard matches[parent].precedes(matches[child]) else { return }
            matches.swapAt(parent, child)
            child = parent
        }
    }

    private mutating func siftDown(_ start: Int) {
        var parent = start
        while true {
            var worst = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < matches.count && matches[worst].precedes(matches[child]) {
                worst = child
            }
            guard worst != parent else { return }
            matches.swapAt(parent, worst)
            parent = worst
        }
    }
}
