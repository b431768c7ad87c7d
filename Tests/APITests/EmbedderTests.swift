import Martlet
import MartletMiniLM
import Testing

/// The built-in model through the public API alone.
@Suite struct EmbedderTests {
    private static let embedder = Result { try Embedder(.miniLM, configuration: .init(threads: 1)) }

    @Test func nearestTextsOfAQuestion() async throws {
        let embedder = try Self.embedder.get()
        let texts = ["a spaghetti recipe", "the stock market fell", "boil water and add salt"]
        let vectors = try await embedder.embed(texts, as: .document)
        #expect(vectors.count == 3 && vectors.dimensions == 384 && vectors.usage.truncatedInputs.isEmpty)
        let question = try await embedder.embed("How do I cook pasta?", as: .query)
        #expect(try vectors.nearest(to: question, limit: 2).map(\.index) == [0, 2])
        #expect(vectors.identity?.space == question.identity?.space)
    }

    @Test func aTextThatIsTooLongIsToldOrRefused() async throws {
        let embedder = try Self.embedder.get()
        let long = String(repeating: "word ", count: 300)
        let cut = try await embedder.embed(["short", long])
        #expect(cut.usage.truncatedInputs == [1])
        let error = await #expect(throws: MartletError.self) {
            try await embedder.embed(["short", long], options: .init(truncation: .error))
        }
        #expect(error?.code == .inputTooLong && error?.inputIndex == 1)
    }

    @Test func aLoadedModelIsOneOfItsKind() async throws {
        guard case .dense(let embedder) = try await LoadedModel.load(.miniLM) else {
            Issue.record("the built-in model gives vectors")
            return
        }
        #expect(try await embedder.embed("a").values.count == 384)
    }

    @Test func modelsOfOneContextShareItsThreads() async throws {
        let context = try ComputeContext(threads: 2)
        let models = try (0..<2).map { _ in try Embedder(.miniLM, configuration: .init(context: context)) }
        let first = try await models[0].embed("the same bits")
        let second = try await models[1].embed("the same bits")
        #expect(first.values == second.values)
        #expect(throws: MartletError.self) {
            try Embedder(.miniLM, configuration: .init(threads: 3, context: context))
        }
    }
}
