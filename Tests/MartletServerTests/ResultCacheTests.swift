#if Server

import Martlet
import MartletJSON
import MartletTestSupport
import Testing

@testable import MartletServer

@Suite struct ResultCacheTests {
    private func key(_ id: Int32, _ kind: OutputKind = .tokenVectors) -> JobKey {
        JobKey(model: FakeModel(), kind: kind, text: TokenizedText(ids: [id]))
    }

    private func row(_ cache: ResultCache, _ key: JobKey) -> [Float]? { cache.row(key) }

    @Test func keepsWhatWasUsedLast() {
        // 336 bytes an entry.
        let cache = ResultCache(limit: 1100)
        for id in 1...3 { cache.insert(key(Int32(id)), [Float(id), 0, 0]) }
        #expect(row(cache, key(1)) == [1, 0, 0])
        cache.insert(key(4), [4, 0, 0])
        #expect(
            row(cache, key(2)) == nil && row(cache, key(1)) == [1, 0, 0] && row(cache, key(3)) != nil
                && row(cache, key(4)) != nil)
        #expect(
            cache.counts.entries == 3 && cache.counts.bytes <= 1100 && cache.counts.hits == 4
                && cache.counts.misses == 1)
    }

    @Test func otherKindsAreOthers() {
        let cache = ResultCache(limit: 1 << 20)
        cache.insert(key(1), [1])
        #expect(
            row(cache, key(1, .vector(.init()))) == nil && row(cache, key(1, .scores)) == nil
                && row(cache, key(1)) == [1])
    }

    @Test func whatIsLargerThanTheCacheIsNotKept() {
        let cache = ResultCache(limit: 1000)
        cache.insert(key(1), [Float](repeating: 1, count: 1000))
        #expect(cache.counts.entries == 0 && cache.counts.bytes == 0)
    }

    @Test func manyInsertionsStayWithinTheLimit() {
        let cache = ResultCache(limit: 10_000)
        for id in 0..<1000 {
            cache.insert(key(Int32(id % 100)), [Float](repeating: Float(id), count: id % 50))
            #expect(cache.counts.bytes <= 10_000)
            _ = row(cache, key(Int32(id % 37)))
        }
    }

    @Test func cachedVectorsHaveTheSameBits() async throws {
        let server = try TestServer { $0.cacheBytes = 1 << 20 }
        let body = #"{"inputs":["a cat","a dog"]}"#
        let first = try await server.post("/embed", body)
        let second = try await server.post("/embed", #"{"inputs":["a dog","a cat","a cow"]}"#)
        #expect(second.json[1] == first.json[0] && second.json[0] == first.json[1])
        let counts = try #require(server.core.cache).counts
        #expect(counts.hits == 2 && counts.misses == 3)
        // Two texts, then one.
        #expect(server.metric("martlet_texts_total") == 3)
    }
}

#endif
