// A model of one's own is used as the built-in ones are: here in a stream that reads ahead while it computes.
import Martlet

/// Counts letters.
struct LetterCounts: EmbeddingModel {
    let identity = ModelIdentity(
        space: VectorSpace(model: "letter-counts", weights: "letter-counts:1", dimensions: 3),
        computation: Computation(precision: "f32", device: "cpu"))
    let limits = InputLimits(maxTexts: 100)

    func embed(_ texts: [String], as role: TextRole?, options: EmbedOptions) async throws -> Embeddings {
        let counts = texts.flatMap { text in "abc".map { letter in Float(text.count { $0 == letter }) } }
        return try Embeddings(floats: counts, dimensions: 3, identity: identity)
    }
}

for try await vector in LetterCounts().embed(streaming: ["abacus", "cab"]) { print(vector.values) }
