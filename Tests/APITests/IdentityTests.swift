import Foundation
import Martlet
import MartletMiniLM
import Testing

/// Identities as a user sees them.
@Suite struct IdentityTests {
    private static let embedder = Result {
        try Embedder(.miniLM, configuration: ModelConfiguration(threads: 1))
    }

    @Test func aBatchHasItsModelsIdentity() async throws {
        let embedder = try Self.embedder.get()
        let batch = try await embedder.embed(["a", "b"])
        #expect(batch.identity == embedder.identity)
        #expect(batch[1].identity == embedder.identity)
        #expect(embedder.identity.space.weights.hasPrefix("sha256:"))
    }

    @Test func optionsThatChangeVectorsChangeTheirSpace() async throws {
        let embedder = try Self.embedder.get()
        let whole = try await embedder.embed("a cat")
        for options in [
            EmbedOptions(pooling: .cls), EmbedOptions(dimensions: 64), EmbedOptions(normalize: false),
        ] {
            let other = try await embedder.embed("a cat", options: options)
            let error = #expect(throws: MartletError.self) { try whole.dot(other) }
            #expect(error?.code == .differentSpaces)
        }
    }

    @Test func precisionsShareASpace() async throws {
        let exact = try Embedder(.miniLM, configuration: ModelConfiguration(threads: 1, precision: .f32))
        let fast = try Embedder(.miniLM, configuration: ModelConfiguration(threads: 1, precision: .bf16))
        #expect(exact.identity != fast.identity)
        #expect(exact.identity.space == fast.identity.space)
        let (a, b) = (try await exact.embed("a cat"), try await fast.embed("a cat"))
        #expect(try a.cosineSimilarity(to: b) > 0.999)
    }

    @Test func vectorsAndIdentitiesSurviveJSON() async throws {
        let batch = try await Self.embedder.get().embed(["How do I cook pasta?", ""])
        let copy = try JSONDecoder().decode(Embeddings.self, from: JSONEncoder().encode(batch))
        #expect(copy == batch)
        #expect(copy.identity == batch.identity)
        #expect(try copy[0].cosineSimilarity(to: batch[0]) > 0.9999)
        let ranges = try QuantizationRanges(calibration: batch)
        let kept = try JSONDecoder().decode(QuantizationRanges.self, from: JSONEncoder().encode(ranges))
        #expect(kept == ranges)
        #expect(throws: MartletError.self) {
            try Embeddings(floats: [1, 2], dimensions: 2, identity: otherIdentity).quantized(
                to: .int8, ranges: kept)
        }
    }

    private var otherIdentity: ModelIdentity {
        ModelIdentity(
            space: VectorSpace(model: "other", weights: "other:1", dimensions: 2),
            computation: Computation(precision: "f32", device: "cpu"))
    }

    @Test func damagedJSONIsRefused() throws {
        let text =
            #"{"floats":[1,2,3],"dimensions":2,"count":2,"usage":{"tokens":0,"truncatedInputs":[],"blankInputs":0}}"#
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(Embeddings.self, from: Data(text.utf8))
        }
    }

    @Test func aModelIsLoadedAsTheKindThatItIs() async throws {
        let model = try await LoadedModel.load(.miniLM, configuration: ModelConfiguration(threads: 1))
        guard case .dense(let embedder) = model else {
            throw MartletError(.invalidModel, "not a dense model")
        }
        #expect(embedder.model.dimensions == 384)
    }
}
