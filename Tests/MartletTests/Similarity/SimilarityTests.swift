import MartletJSON
import Testing

@testable import Martlet

@Suite("Similarity, search")
struct SimilarityTests {
    private let block = Goldens.values(6 * 19, seed: 6)

    @Test func everyFunctionAgreesWithNumPy() throws {
        let golden = try #require(try Goldens.json("pooling.json")["similarity"])
        var floats = block
        for row in 0..<6 { (floats[row * 19 + 3], floats[row * 19 + 4]) = (0.25, 0) }
        let vectors = try Embeddings(floats: floats, dimensions: 19)
        for function in SimilarityFunction.allCases {
            let expected = Float(try #require(golden[function.rawValue]?.double))
            #expect(
                try abs(vectors[0].similarity(to: vectors[1], by: function) - expected) < 2e-6, "\(function)")
            let matrix = try vectors.similarities(to: vectors, by: function)
            let single = try vectors[0].similarity(to: vectors[1], by: function)
            #expect(matrix[0, 1] == single)
            #expect(matrix.rows == 6 && matrix.columns == 6)
        }
        let (forth, back) = (try vectors[2].dot(vectors[3]), try vectors[3].dot(vectors[2]))
        #expect(forth == back)
        #expect(try abs(vectors[4].cosineSimilarity(to: vectors[4]) - 1) < 1e-6)
    }

    @Test func zeroVectorsAreLikeNothing() throws {
        #expect(try Embedding([0, 0]).cosineSimilarity(to: [1, 2]) == 0)
        #expect(try Embedding([]).dot([]) == 0)
    }

    @Test func aSlowDotProductOfEveryLengthAgrees() throws {
        for length in 1..<40 {
            let (a, b) = (Goldens.values(length, seed: 1), Goldens.values(length, seed: 2))
            let expected = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            #expect(try abs(Double(Embedding(a).dot(Embedding(b))) - expected) < 1e-5, "\(length) dimensions")
        }
    }

    @Test func topKIsTheHeadOfTheSortedScores() throws {
        let vectors = try Embeddings(floats: Goldens.values(500 * 2, seed: 9), dimensions: 2)
        let scores = try vectors.map { try $0.dot([1, 0.5]) }
        let sorted = scores.indices.sorted { (scores[$0], $1) > (scores[$1], $0) }
        for k in [0, 1, 7, 499, 500, 900] {
            let found = try vectors.nearest(to: [1, 0.5], limit: k, by: .dot)
            #expect(found.map(\.index) == Array(sorted.prefix(k)), "k = \(k)")
            #expect(found.map(\.score) == sorted.prefix(k).map { scores[$0] })
        }
        #expect(try vectors.nearest(to: [1, 0.5], limit: -1).isEmpty)
    }

    @Test func equalScoresGoByIndexAndWhatIsNoNumberGoesLast() throws {
        let vectors = try Embeddings(floats: [1, .nan, 2, 1, .nan, 2, -.infinity], dimensions: 1)
        #expect(try vectors.nearest(to: [1], limit: 7, by: .dot).map(\.index) == [2, 5, 0, 3, 6, 1, 4])
        #expect(try vectors.nearest(to: [1], limit: 3, by: .dot).map(\.index) == [2, 5, 0])
    }

    @Test func blocksAreCollections() throws {
        let vectors = try Embeddings([[1, 2], [3, 4]])
        #expect(vectors.count == 2 && vectors.dimensions == 2 && vectors.floats == [1, 2, 3, 4])
        #expect(vectors.map(\.values) == [[1, 2], [3, 4]])
        #expect(vectors[1].last == 4 && vectors[1] == [3, 4] && vectors[0] != vectors[1])
        #expect(try Embeddings([]).isEmpty)
        let uneven = #expect(throws: MartletError.self) { try Embeddings([[1, 2], [3]]) }
        #expect(uneven?.inputIndex == 1)
        #expect(throws: MartletError.self) { try Embeddings(floats: [1, 2, 3], dimensions: 2) }
        #expect(throws: MartletError.self) { try Embeddings(floats: [], dimensions: 0) }
    }
}
