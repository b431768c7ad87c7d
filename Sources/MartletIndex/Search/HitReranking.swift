public import Martlet

/// Orders the best hits of a search by a model that reads the question and each text together.
public struct HitReranking: Sendable {
    /// Hits that are scored at most, from the best.
    public var count: Int
    /// The time that scoring may take; nil: as long as it takes.
    ///
    /// Hits are scored a few at a time, and another group begins only if what the groups before took says
    /// that it will end in time. The first group is always scored.
    public var budget: Duration?

    /// - Parameters:
    ///   - count: Hits that are scored at most.
    ///   - budget: The time that scoring may take; nil: as long as it takes.
    public init(count: Int = 50, budget: Duration? = nil) {
        self.count = count
        self.budget = budget
    }

    /// The hits in the order of the model's scores; those that were not scored follow as they were.
    /// - Throws: What the model throws, `CancellationError`; ``MartletError`` if it returns another number of
    ///   scores than of texts.
    public func reranked(_ hits: [Hit], for question: String, by model: some RelevanceModel) async throws
        -> [Hit]
    {
        try await reranked(hits) { try await model.scores(of: $0, for: question) }
    }

    private static let firstGroup = 4

    /// The hits in the order of the scores that a function gives their texts.
    package func reranked(
        _ hits: [Hit], clock: some Clock<Duration> = ContinuousClock(),
        scores: ([String]) async throws -> [Float]
    ) async throws -> [Hit] {
        let wanted = min(max(0, count), hits.count)
        guard wanted > 0 else { return hits }
        var scored: [Hit] = []
        let began = clock.now
        var bytes = 0
        while scored.count < wanted {
            let rest = hits[scored.count..<wanted]
            let group: ArraySlice<Hit>
            if let budget {
                group =
                    scored.isEmpty
                    ? rest.prefix(Self.firstGroup)
                    : Self.fitting(
                        rest, budget - began.duration(to: clock.now), began.duration(to: clock.now), bytes)
                if group.isEmpty { break }
            } else {
                group = rest
            }
            bytes += group.reduce(0) { $0 + Self.cost($1) }
            let found = try await scores(group.map(\.text))
            guard found.count == group.count else {
                throw MartletError(
                    .invalidOutput, "the reranker returned \(found.count) scores for \(group.count) texts")
            }
            for (hit, score) in zip(group, found) {
                var hit = hit
                hit.rerankScore = score
                scored.append(hit)
            }
        }
        let order = scored.indices.sorted { a, b in
            let (first, second) = (scored[a].rerankScore ?? 0, scored[b].rerankScore ?? 0)
            return first != second ? first > second : a < b
        }
        return order.map { scored[$0] } + hits[scored.count...]
    }

    /// The hits that can be scored in the time that is left, if a byte takes as long as those before: at most
    /// as many as would take half of it, so that a slow machine is noticed.
    private static func fitting(
        _ hits: ArraySlice<Hit>, _ left: Duration, _ spent: Duration, _ bytes: Int
    ) -> ArraySlice<Hit> {
        let each = spent / Double(max(1, bytes))
        var taken = 0
        var time = Duration.zero
        for hit in hits {
            time += each * Double(cost(hit))
            if time > left || (taken > firstGroup && time > left / 2) { break }
            taken += 1
        }
        return hits.prefix(taken)
    }

    /// What a pair costs, in bytes: its text, and about as much as the question and the model's own tokens.
    private static func cost(_ hit: Hit) -> Int { hit.text.utf8.count + 64 }
}
