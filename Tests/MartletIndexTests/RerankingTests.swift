import Martlet
import MartletIndex
import Synchronization
import Testing

@Suite struct RerankingTests {
    /// Time that passes only when a test says so.
    private final class StillClock: Clock {
        typealias Instant = ContinuousClock.Instant
        private let time = Mutex(ContinuousClock.now)
        var now: Instant { time.withLock { $0 } }
        var minimumResolution: Duration { .nanoseconds(1) }
        func advance(_ duration: Duration) { time.withLock { $0 += duration } }
        func sleep(until deadline: Instant, tolerance: Duration?) async throws {}
    }

    private func hits(_ count: Int) throws -> [Hit] {
        let collection = try SearchCollection.create(at: Made.path(), settings: Made.settings(96))
        let vectors = Made.vectors(count, 96, seed: 5)
        // Texts of one length, so that each costs the same.
        let records = vectors.enumerated().map { index, vector in
            Record(id: "r\(index)", text: "text \(index + 1000)", vector: vector)
        }
        try collection.writer().add(records, identity: Made.identity)
        var request = SearchRequest(vector: vectors[0], count: count)
        request.mode = .vectors
        return try collection.search(request)
    }

    private func number(_ text: String) -> Float { Float(text.split(separator: " ")[1]) ?? 0 }

    @Test func theBestAreOrderedByTheModel() async throws {
        let hits = try hits(20)
        let found = try await HitReranking(count: 12).reranked(hits) { texts in
            #expect(texts.count == 12)
            return texts.map(number)
        }
        let best = hits.prefix(12).sorted { number($0.text) > number($1.text) }
        #expect(found.prefix(12).map(\.id) == best.map(\.id))
        #expect(found.dropFirst(12).map(\.id) == hits.dropFirst(12).map(\.id))
        #expect(found.map { $0.rerankScore != nil } == (0..<20).map { $0 < 12 })
        #expect(try await HitReranking().reranked([]) { _ in [] }.isEmpty)
    }

    /// Hits without a score would be asked for again and again.
    @Test(.timeLimit(.minutes(1)), arguments: [0, 19, 21]) func anotherNumberOfScoresIsAnError(
        scores: Int
    ) async throws {
        let hits = try hits(20)
        let error = await #expect(throws: MartletError.self) {
            try await HitReranking().reranked(hits) { _ in [Float](repeating: 1, count: scores) }
        }
        #expect(error?.code == .invalidOutput)
    }

    @Test(arguments: [(1, 4), (40, 4), (55, 5), (100, 10), (130, 13), (1000, 20)])
    func asManyAreReadAsFitInTheTime(milliseconds: Int, expected: Int) async throws {
        let hits = try hits(20)
        let clock = StillClock()
        let reranking = HitReranking(budget: .milliseconds(milliseconds))
        let found = try await reranking.reranked(hits, clock: clock) { texts in
            clock.advance(.milliseconds(10 * texts.count))
            return texts.map(number)
        }
        #expect(found.count { $0.rerankScore != nil } == expected)
        #expect(Set(found.map(\.id)) == Set(hits.map(\.id)))
    }
}
