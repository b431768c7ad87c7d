import MartletModels
import Testing

@testable import Martlet

/// What is kept of texts that begin alike, and that vectors and scores have the same bits with it.
@Suite("Prefix cache")
struct PrefixCacheTests {
    private struct Kept: EncodedPrefix {
        let count: Int
        var bytes = 1 << 20
    }

    private func ids(_ count: Int, from first: Int32 = 0) -> [Int32] { (0..<Int32(count)).map { first + $0 } }

    /// How many tokens a plan takes from what is kept.
    private func taken(_ plan: PrefixCache.Plan, _ text: [Int32]) -> Int? {
        if case .take(let entry) = plan { entry.count(for: text) } else { nil }
    }

    private func kept(_ plan: PrefixCache.Plan) -> Int? {
        if case .keep(let count) = plan { count } else { nil }
    }

    @Test func keepsWhatTwoTextsBeginWith() {
        let cache = PrefixCache()
        let (a, b) = (ids(20) + [900, 901], ids(20) + [910])
        #expect(kept(cache.plan(for: a)) == nil)
        #expect(kept(cache.plan(for: b)) == 20)
        cache.insert(ids(20), Kept(count: 20))
        #expect(taken(cache.plan(for: a), a) == 20)
        // A text that is the beginning itself keeps a token of its own.
        #expect(taken(cache.plan(for: ids(20)), ids(20)) == 19)
        // A shorter beginning is enough where it is at least 8 tokens.
        let c = ids(9) + [700, 701]
        #expect(taken(cache.plan(for: c), c) == 9)
        let d = ids(7) + [600]
        #expect(taken(cache.plan(for: d), d) == nil && kept(cache.plan(for: [1, 2])) == nil)
        // Some tokens more are not worth another; many are.
        let e = ids(24) + [500]
        _ = cache.plan(for: e)
        #expect(kept(cache.plan(for: e + [501])) == nil)
        let f = ids(60) + [400]
        _ = cache.plan(for: f)
        #expect(kept(cache.plan(for: f + [401])) == 61)
        // Long texts are computed whole.
        let long = ids(PrefixCache.longestText + 1)
        _ = cache.plan(for: long)
        #expect(kept(cache.plan(for: long)) == nil && taken(cache.plan(for: long), long) == nil)
    }

    /// Questions with an instruction and documents without one may come in turn.
    @Test func textsOfSeveralKindsMayComeInTurn() {
        let cache = PrefixCache()
        #expect(kept(cache.plan(for: ids(20) + [900])) == nil)
        #expect(kept(cache.plan(for: ids(40, from: 5000))) == nil)
        #expect(kept(cache.plan(for: ids(20) + [901])) == 20)
        // Not after many others.
        for number in 0..<8 { _ = cache.plan(for: ids(10, from: Int32(10_000 + 100 * number))) }
        #expect(kept(cache.plan(for: ids(20) + [902])) == nil)
    }

    @Test func theLeastUsedMakesRoom() {
        let cache = PrefixCache()
        for number in 0..<10 {
            cache.insert(ids(20, from: Int32(1000 * number)), Kept(count: 20))
            // The first is used each time.
            let text = ids(21)
            #expect(taken(cache.plan(for: text), text) == 20)
        }
        #expect(cache.bytes == PrefixCache.mostEntries << 20)
        let second = ids(21, from: 1000)
        #expect(taken(cache.plan(for: second), second) == nil)
        cache.insert(ids(30, from: 50_000), Kept(count: 30, bytes: PrefixCache.byteLimit - (1 << 20)))
        #expect(cache.bytes <= PrefixCache.byteLimit)
        cache.insert(ids(30, from: 60_000), Kept(count: 30, bytes: PrefixCache.byteLimit + 1))
        #expect(cache.bytes == 0)
    }

    private func embedder(_ precision: Precision, _ isa: InstructionSet, threads: Int) throws -> Embedder {
        try Embedder(
            modelAt: Goldens.path("llama/qwen3.gguf"),
            configuration: .init(threads: threads, precision: precision, instructionSet: isa))
    }

    /// Whether an instruction comes from the caller's text or as a prompt, alone and in batches, on one thread
    /// and on a team.
    @Test(arguments: InstructionSet.here) func vectorsHaveTheSameBits(_ isa: InstructionSet) throws {
        let instruction = "Instruct: Given a web search query, retrieve relevant passages\nQuery: "
        let texts = try GoldenRow.read(path: "llama/qwen3.jsonl").prefix(12).map(\.text)
        for precision in [Precision.f32, .bf16, .int8, .int4] {
            let expected = try texts.map {
                try embedder(precision, isa, threads: 1).embedBlocking([instruction + $0])[0]
            }
            for threads in [1, 2] {
                let embedder = try embedder(precision, isa, threads: threads)
                for size in [1, 5, texts.count] {
                    let found = try stride(from: 0, to: texts.count, by: size).flatMap { start in
                        Array(
                            try embedder.embedBlocking(
                                texts[start..<min(start + size, texts.count)].map { instruction + $0 }))
                    }
                    #expect(
                        found.bits == expected.bits, "\(isa), \(precision), \(threads), batches of \(size)")
                }
                let prompted = try embedder.embedBlocking(texts, options: .init(prompt: instruction))
                #expect(Array(prompted).bits == expected.bits)
                let cache = embedder.engine.prefixes
                #expect((cache == nil) == !embedder.engine.encoder.keepsPrefixes)
                if let cache { #expect(cache.bytes > 0, "\(isa), \(precision): nothing was kept") }
            }
        }
    }

    /// All pairs of a ranking begin with the instruction and the query.
    @Test func scoresHaveTheSameBits() throws {
        let documents = ["nela", "balo tuka miro", "zupe fani balo", "nela tuka", "miro"]
        let query = "balo tuka miro"
        let model = Goldens.path("classifiers/qwen3-reranker")
        let alone = try documents.map { document in
            try Reranker(modelAt: model, configuration: .init(threads: 1, precision: .f32)).scoresBlocking(
                of: [document], for: query)[0]
        }
        let reranker = try Reranker(modelAt: model, configuration: .init(threads: 2, precision: .f32))
        for _ in 0..<3 {
            #expect(try reranker.scoresBlocking(of: documents, for: query).values == alone)
        }
        for (document, score) in zip(documents, alone) {
            #expect(try reranker.scoresBlocking(of: [document], for: query).values == [score])
        }
        let cache = try #require(reranker.classifier.engine.prefixes)
        #expect(cache.bytes > 0)
    }

}
