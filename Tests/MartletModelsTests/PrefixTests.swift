import MartletCompute
import Testing

@testable import MartletModels

/// A beginning that is computed once: the tokens after it have the same bits as in the whole text.
@Suite("Prefixes")
struct PrefixTests {
    private static let causal = ["qwen2", "qwen3", "mistral", "mistral-linear", "gemma3", "llama"]
    private static let prefix: [Int32] = [5, 9, 3, 17, 8, 6, 11, 4, 7, 15, 12, 10, 9, 3, 8, 14]
    private static let endings: [[Int32]] = [[21], [9, 22, 5], [8, 8, 3, 1, 2, 19, 25, 30, 7], [4, 6]]

    private func states(_ session: any EncoderSession, _ batch: PackedBatch, _ team: Team? = nil) -> [[Float]]
    {
        let rows = session.run(batch, .tokens, team: team)
        return (0..<batch.tokens).map { Array(rows.row($0)) }
    }

    /// Rows of the ends of whole texts.
    private func expected(_ encoder: any Encoder, _ texts: [[Int32]], last count: (Int) -> Int) -> [[Float]] {
        texts.enumerated().flatMap { index, text in
            var batch = PackedBatch()
            batch.append(text)
            return Array(
                states(encoder.makeSession(for: BatchLimit(tokens: 80, longest: 80)), batch).suffix(
                    count(index)))
        }
    }

    @Test(arguments: causal, Kernels.available)
    func tokensAfterAPrefix(_ family: String, _ kernels: Kernels) throws {
        for precision in ComputePrecision.allCases {
            let encoder = try TinyEncoder(family).encoder(precision, kernels)
            // Where attention has one scale for all rows of a text, nothing can be kept.
            let mixes = precision.roundsInputs && !kernels.hasBF16Dot && kernels.int8AttentionMixesRows
            #expect(encoder.keepsPrefixes == !mixes)
            guard encoder.keepsPrefixes else { continue }
            let texts = Self.endings.map { Self.prefix + $0 } + [Self.endings[2]]
            // Texts may take fewer tokens of it, or none.
            let positions = [16, 16, 9, 16, 0]
            let session = encoder.makeSession(for: BatchLimit(tokens: 80, longest: 80))
            var first = PackedBatch()
            first.keeps = Self.prefix.count
            first.append(texts[1])
            first.append(texts[2])
            _ = session.run(first, .tokens, team: nil)
            let kept = try #require(session.keptPrefix)
            #expect(kept.count == 16 && kept.bytes == encoder.prefixBytes(tokens: 16))

            var batch = PackedBatch()
            batch.prefix = kept
            for (text, position) in zip(texts, positions) {
                batch.append(text[position...], position: position)
            }
            #expect(batch.longest == 25 && batch.tokens == texts.reduce(0) { $0 + $1.count } - 57)
            let found = states(session, batch)
            let whole = expected(encoder, texts) { texts[$0].count - positions[$0] }
            #expect(found == whole, "\(family), \(precision), \(kernels.name)")
            #expect(session.keptPrefix == nil)
            // A later batch without a prefix is not touched by it.
            var plain = PackedBatch()
            plain.append(texts[0])
            #expect(states(session, plain).suffix(1) == expected(encoder, [texts[0]]) { _ in 1 }[...])
        }
    }

    /// A team shares the heads, and keeps a prefix together.
    @Test(arguments: causal) func teams(_ family: String) throws {
        let encoder = try TinyEncoder(family).encoder(.f32, .best)
        let pool = WorkerPool(width: 2)
        let session = encoder.makeSession(for: BatchLimit(tokens: 80, longest: 80))
        let text = Self.prefix + Self.endings[2]
        var found: [[Float]] = []
        pool.withTeam(of: 2) { team in
            var batch = PackedBatch()
            batch.keeps = Self.prefix.count
            batch.append(text)
            _ = session.run(batch, .tokens, team: team)
            let kept = session.keptPrefix
            batch.removeAll()
            batch.prefix = kept
            batch.append(text[16...], position: kept == nil ? 0 : 16)
            found = states(session, batch, team)
        }
        #expect(found == expected(encoder, [text]) { _ in 9 })
    }

    @Test(arguments: ["qwen3-yarn", "gemma3-bidirectional", "roberta", "t5", "deberta-v2"])
    func othersKeepNone(_ family: String) throws {
        let encoder = try TinyEncoder(family).encoder(.f32, .best)
        let isCausal = (encoder as? Transformer)?.description.attention.isCausal == true
        #expect(!encoder.keepsPrefixes || isCausal)
    }
}
