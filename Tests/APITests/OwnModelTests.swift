import Martlet
import Testing

/// A model of a user's own: what a program outside of the package can write against the public API alone.
struct LetterCounts: EmbeddingModel {
    let identity = ModelIdentity(
        space: VectorSpace(model: "letter-counts", weights: "letter-counts:1", dimensions: 3),
        computation: Computation(precision: "f32", device: "cpu"))
    let limits = InputLimits(maxTexts: 2)

    func embed(_ texts: [String], as role: TextRole?, options: EmbedOptions) async throws -> Embeddings {
        guard texts.count <= 2 else { throw MartletError(.invalidInput, "more than two texts") }
        if let index = texts.firstIndex(of: "bad") {
            throw MartletError(.invalidInput, text: index, "is bad")
        }
        let floats = texts.flatMap { text in "abc".map { letter in Float(text.count { $0 == letter }) } }
        return try Embeddings(floats: floats, dimensions: 3, identity: identity)
    }
}

@Suite struct OwnModelTests {
    @Test func oneText() async throws {
        let vector = try await LetterCounts().embed("abacus")
        #expect(vector.values == [2, 1, 1])
        #expect(vector.identity?.space.model == "letter-counts")
    }

    @Test func streamsKeepOrderAndLimits() async throws {
        var rows: [[Float]] = []
        for try await vector in LetterCounts().embed(streaming: ["a", "b", "c", "aa", "cc"]) {
            rows.append(vector.values)
        }
        #expect(rows == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [2, 0, 0], [0, 0, 2]])
    }

    @Test func anErrorOfAStreamCountsFromItsFirstText() async throws {
        var rows = 0
        do {
            for try await _ in LetterCounts().embed(streaming: ["a", "b", "c", "bad", "c"]) { rows += 1 }
            Issue.record("the stream did not throw")
        } catch let error as MartletError {
            #expect(error.inputIndex == 3)
            #expect(error.message == "text 3 is bad")
        }
        #expect(rows == 2)
    }

    @Test func anyModelIsAValue() async throws {
        let model: any EmbeddingModel<Embeddings> = LetterCounts()
        #expect(try await model.embed(["c"]).floats == [0, 0, 1])
    }

    @Test func vectorsOfTwoSpacesAreNotCompared() async throws {
        let other = ModelIdentity(
            space: VectorSpace(model: "other", weights: "other:1", dimensions: 3),
            computation: Computation(precision: "f32", device: "cpu"))
        let mine = try await LetterCounts().embed("abc")
        let theirs = Embedding([1, 1, 1], identity: other)
        #expect(throws: MartletError.self) { try mine.cosineSimilarity(to: theirs) }
        let block = try Embeddings(floats: [1, 1, 1], dimensions: 3, identity: other)
        #expect(throws: MartletError.self) { try block.nearest(to: mine, limit: 1) }
        var batch = try await LetterCounts().embed(["a"])
        #expect(throws: MartletError.self) { try batch.append(contentsOf: block) }
        #expect(batch.count == 1)
        try batch.append(contentsOf: try await LetterCounts().embed(["b"]))
        #expect(batch.floats == [1, 0, 0, 0, 1, 0])
    }

    @Test func vectorsOfTwoWidthsAreAnError() throws {
        let error = #expect(throws: MartletError.self) { try Embedding([1, 2]).dot([1, 2, 3]) }
        #expect(error?.code == .dimensionMismatch)
    }
}
