import Martlet
import MartletMiniLM
import Testing

@testable import MartletChunking

@Suite struct ChunkerTests {
    @Test(
        arguments: [
            ("notes.md", "# A\n\nb\n\n# C\n\nd\n", ["# A\n\nb\n\n", "# C\n\nd\n"]),
            ("page.HTML", "<h1>A</h1>b<h1>C</h1>d", ["A\n\nb\n\n", "C\n\nd"]),
            ("notes.txt", "# A\n\nb\n\n# C\n", ["# A\n\nb\n\n# C\n"]),
            ("unknown", " <!DOCTYPE html><p>a", ["a"]), ("src/x.swift", "# A\n\n# C\n", ["# A\n\n# C\n"]),
        ])
    func chosenByType(name: String, text: String, chunks: [String]) throws {
        let counter = try Tokenizers.counter("bert")
        #expect(
            try AutomaticChunker().chunks(of: Document(text, name: name), measuring: counter).map(\.text)
                == chunks)
    }

    @Test func byName() async throws {
        let counter = try Tokenizers.counter("bert")
        for kind in ChunkerKind.all where !kind.needsEmbedder {
            #expect(try ChunkerKind.named(kind.name).name == kind.name)
            let chunks = try await kind.chunker().chunks(of: Document("the cat"), measuring: counter)
            #expect(chunks.map(\.text) == ["the cat"])
        }
        let unknown = #expect(throws: ChunkingError.self) { try ChunkerKind.named("words") }
        #expect(
            unknown?.message.contains("auto, tokens, sentences, markdown, html, code, semantic, none") == true
        )
        let missing = #expect(throws: ChunkingError.self) { try ChunkerKind.named("semantic").chunker() }
        #expect(missing?.code == .invalidOption)
    }

    /// What the counter says is what the embedder does: nothing is cut off.
    @Test func agreesWithTheEmbedder() async throws {
        let embedder = try Embedder(.miniLM)
        let counter = try embedder.tokenCounter()
        #expect(counter.maxTokens == embedder.model.maxTokens)
        var random = RandomText(seed: 21)
        let text = random.next(3000)
        for prompt in ["", "passage: "] {
            let counter = try embedder.tokenCounter(prompt: prompt)
            let chunks = try TokenChunker().chunks(of: Document(text), measuring: counter)
            Promises.check(chunks, of: text, counter, budget: embedder.model.maxTokens)
            #expect(chunks.contains { $0.tokens > embedder.model.maxTokens - 20 })
            for chunk in chunks {
                let tokens = try embedder.tokenize(chunk.text, options: EmbedOptions(prompt: prompt))
                #expect(tokens.total == chunk.tokens && !tokens.isTruncated)
            }
        }
    }

    @Test(arguments: ["potion", "static-embedding", "weighted"])
    func agreesWithStaticModels(name: String) throws {
        let embedder = try Embedder(modelAt: Tokenizers.testsFolder("Fixtures/static/\(name)"))
        let counter = try embedder.tokenCounter()
        var random = RandomText(seed: 22)
        let text = random.next(2000)
        let budget = min(40, counter.maxTokens)
        let chunks = try TokenChunker(size: .init(maxTokens: budget)).chunks(
            of: Document(text), measuring: counter)
        Promises.check(chunks, of: text, counter, budget: budget)
        for chunk in chunks { #expect(try !embedder.tokenize(chunk.text).isTruncated) }
    }

    @Test func semanticChunksEndWhereTheSubjectChanges() async throws {
        let cooking = [
            "Boil a litre of water. ", "Add salt and the pasta. ", "Stir the tomato sauce. ",
            "Grate the cheese on top. ", "Serve it hot with basil. ",
        ]
        let space = [
            "The rocket reached its orbit. ", "Astronauts checked the engines. ", "The moon came into view. ",
            "Gravity slowed the capsule. ", "The satellite sent its signal. ",
        ]
        let text = (cooking + space).joined()
        let embedder = try Embedder(.miniLM)
        let chunks = try await SemanticChunker(share: 0.12, embedder: embedder).chunks(
            of: Document(text), measuring: embedder.tokenCounter())
        #expect(chunks.map(\.text) == [cooking.joined(), space.joined()])
    }

    @Test func semanticChunksKeepThePromises() async throws {
        let counter = try Tokenizers.counter("bert")
        var random = RandomText(seed: 23)
        let chunker = SemanticChunker(size: .init(maxTokens: 60)) { texts in
            texts.map { text in
                var state = text.utf8.reduce(UInt32(7)) { $0 &* 31 &+ UInt32($1) }
                return (0..<4).map { _ in
                    state = state &* 1_664_525 &+ 1_013_904_223
                    return Float(state >> 8) / 8_388_608 - 1
                }
            }
        }
        for _ in 0..<30 {
            let text = random.next(random.below(500))
            let chunks = try await chunker.chunks(of: Document(text), measuring: counter)
            Promises.check(chunks, of: text, counter, budget: 60)
            Promises.checkWords(chunks, of: text, counter, budget: 60)
        }
    }
}
