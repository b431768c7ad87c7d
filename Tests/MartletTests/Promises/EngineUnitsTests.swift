import Martlet
import MartletMiniLM
import Synchronization
import Testing

@Suite struct EngineUnitsTests {
    private let texts = [
        "a cat", "The quick brown fox jumps over the lazy dog.", "x",
        String(repeating: "long text ", count: 400),
    ]

    /// Texts that are packed by hand have the same bits as those that `embed` packs.
    @Test(arguments: [Pooling.native, .cls]) func vectorsOfUnitsAreThoseOfEmbed(pooling: Pooling) throws {
        let embedder = try Embedder(.miniLM, configuration: .init(threads: 2))
        let options = EmbedOptions(pooling: pooling)
        let expected = try embedder.embedBlocking(texts, options: options)
        let engine = embedder.engine
        let tokenized = try texts.map { try engine.tokenized($0, role: nil, options) }
        #expect(tokenized[3].total > tokenized[3].ids.count && tokenized[0].total == tokenized[0].ids.count)
        let post = try engine.postProcessing(options)

        let found = Mutex([Int: [Float]]())
        engine.forward(tokenized) { index, hidden in
            let vector = post.vector(of: hidden, tokens: tokenized[index].ids.count, promptTokens: 0)
            found.withLock { $0[index] = vector }
        }
        let vectors = found.withLock { $0 }
        #expect(texts.indices.map { vectors[$0] } == expected.map { $0.values })

        engine.forward(tokenized.suffix(2), on: engine.makeWorker()) { place, hidden in
            let vector = post.vector(of: hidden, tokens: tokenized[2 + place].ids.count, promptTokens: 0)
            #expect(vector == expected[2 + place].values)
        }
    }
}
