import Martlet
import MartletIndex
import MartletTestSupport
import Testing

/// Collections whose words a model weighs.
@Suite struct SparseTests {
    private static let model = CollectionIdentity(model: "sparse", fingerprint: "9")
    private let path = Made.path()

    private func settings() -> CollectionSettings {
        CollectionSettings(identity: Made.identity, dimensions: 96, sparse: Self.model)
    }

    private func sparse(_ random: inout SplitMix64, _ count: Int) throws -> SparseEmbedding {
        var weights: [Int: Float] = [:]
        for _ in 0..<count {
            // Some dimensions are frequent, as tokens are.
            let index = min(random.below(400), random.below(400)) * 40_009_999 % 4_000_000_000
            weights[index] = Float(random.below(4000)) / 1000
        }
        return try SparseEmbedding(
            indices: Array(weights.keys), values: weights.keys.map { weights[$0] ?? 0 })
    }

    private func records(_ count: Int, seed: UInt64 = 1) throws -> [Record] {
        var random = SplitMix64(state: seed)
        return try Made.records(count).map { record in
            var record = record
            record.sparse = try sparse(&random, 30)
            return record
        }
    }

    /// The dot product of what is stored: weights in 1/1024.
    private func score(_ question: SparseEmbedding, _ record: SparseEmbedding) -> Float {
        let weights = Dictionary(
            uniqueKeysWithValues: zip(record.indices, record.values.map { ($0 * 1024).rounded() / 1024 }))
        return zip(question.indices, question.values).reduce(Float(0)) { $0 + $1.1 * (weights[$1.0] ?? 0) }
    }

    private func search(_ collection: SearchCollection, _ question: SparseEmbedding, _ count: Int = 10) throws
        -> [Hit]
    {
        var request = SearchRequest(questions: [SearchRequest.Question(sparse: question)], count: count)
        request.mode = .words
        return try collection.search(request)
    }

    /// In segments, merged or not, in the log, after removals, and opened again.
    @Test func scoresAreDotProducts() throws {
        let records = try records(3000)
        let collection = try SearchCollection.create(at: path, settings: settings())
        let writer = try collection.writer()
        for start in stride(from: 0, to: 2900, by: 290) {
            try writer.add(Array(records[start..<start + 290]), identity: Made.identity)
        }
        try writer.add(Array(records[2900...]), identity: Made.identity)
        try writer.remove(ids: ["r1", "r2950"])
        var random = SplitMix64(state: 77)
        let questions = try (0..<20).map { _ in try sparse(&random, 12) }
        let live = records.filter { $0.id != "r1" && $0.id != "r2950" }
        func compare(_ collection: SearchCollection) throws {
            for question in questions {
                let scores = try live.map { (id: $0.id, score: score(question, try #require($0.sparse))) }
                let best = scores.sorted { $0.score > $1.score }.prefix(10)
                let hits = try search(collection, question)
                #expect(hits.count == 10)
                for (hit, expected) in zip(hits, best) {
                    #expect(abs(hit.score - expected.score) < 1e-3)
                    let own = scores.first { $0.id == hit.id }?.score ?? 0
                    #expect(abs(own - hit.score) < 1e-3)
                    #expect(abs(hit.terms.reduce(0) { $0 + $1.score } - hit.score) < 1e-3)
                    #expect(hit.terms.allSatisfy { Int($0.term).map(question.indices.contains) == true })
                }
            }
        }
        try compare(collection)
        try compare(SearchCollection(opening: path))
        #expect(try collection.check().isEmpty)
        try writer.compact()
        try compare(collection)
        #expect(try collection.check().isEmpty)
        let both = SearchRequest.Question(vector: records[7].vector, sparse: questions[0])
        let hybrid = try collection.search(SearchRequest(questions: [both]))
        #expect(hybrid.count == 10 && hybrid.contains { $0.vectorRank != nil && $0.wordRank != nil })
    }

    @Test func whatDoesNotFitIsRefused() throws {
        let collection = try SearchCollection.create(at: path, settings: settings())
        let writer = try collection.writer()
        var record = try records(1)[0]
        try writer.add([record], identity: Made.identity)
        func refused(_ body: () throws -> Void) -> IndexError? {
            #expect(throws: IndexError.self) { try body() }
        }
        record.sparse = nil
        #expect(
            refused { try writer.add([record], identity: Made.identity) }?.message.contains(
                "no sparse vector") == true)
        for value: Float in [-1, 64, .nan, .infinity] {
            record.sparse = try SparseEmbedding(indices: [3], values: [value])
            #expect(
                refused { try writer.add([record], identity: Made.identity) }?.message.contains("weight")
                    == true)
        }
        record.sparse = try SparseEmbedding(indices: [1 << 32], values: [1])
        #expect(refused { try writer.add([record], identity: Made.identity) }?.code == .invalidRecord)
        #expect(
            refused { _ = try collection.search(SearchRequest(text: "pasta")) }?.message.contains("sparse")
                == true)
        let plain = try SearchCollection.create(at: Made.path(), settings: Made.settings(96))
        record.sparse = try SparseEmbedding(indices: [1], values: [1])
        #expect(
            refused { try plain.writer().add([record], identity: Made.identity) }?.message.contains("BM25")
                == true)
        #expect(try SearchCollection(opening: path).settings.sparse == Self.model)
    }
}
