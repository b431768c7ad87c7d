import MartletMiniLM
import MartletTestSupport
import Testing

@testable import Martlet

/// Promise 2: a text's embedding has the same bits alone, in any batch, in any order, on any number of
/// threads.
@Suite("Batch-invariant")
struct BatchInvarianceTests {
    /// Texts of all lengths, in an order of their own.
    private static func texts(_ count: Int, seed: UInt64 = 7) throws -> [String] {
        var random = SplitMix64(state: seed)
        let known = try GoldenRow.read("bert-mini").filter { $0.options == .init() }.map(\.text)
        return (0..<count).map { _ in
            known[random.below(known.count)] + " "
                + known[random.below(known.count)].prefix(random.below(200))
        }
    }

    private func embed(_ embedder: Embedder, _ texts: [String], by size: Int) throws -> [Embedding] {
        try stride(from: 0, to: texts.count, by: size).flatMap { start in
            Array(try embedder.embedBlocking(Array(texts[start..<min(start + size, texts.count)])))
        }
    }

    /// Every precision on every instruction set, on models with and without whole SIMD registers.
    @Test(arguments: ["bert-mini", "bert-odd", "bert-dense"], InstructionSet.here)
    func batchSizesAndOrders(_ model: String, _ isa: InstructionSet) throws {
        let texts = try Self.texts(isa == .scalar ? 40 : 80)
        for precision in [Precision.f32, .bf16, .int8, .int4] {
            let embedder = try embedder(model, precision, isa, threads: 2)
            let alone = try embed(embedder, texts, by: 1).bits
            for size in [2, 7, 64, texts.count] {
                #expect(
                    try embed(embedder, texts, by: size).bits == alone, "\(precision), batches of \(size)")
            }
            var random = SplitMix64(state: 3)
            let order = texts.indices.shuffled(using: &random)
            let shuffled = try embed(embedder, order.map { texts[$0] }, by: texts.count).bits
            #expect(shuffled == order.map { alone[$0] }, "\(precision), another order")
            #expect(
                try embed(embedder, texts.reversed(), by: 7).bits == alone.reversed(),
                "\(precision), reversed")
        }
    }

    @Test(arguments: [Precision.f32, .bf16, .int8, .int4], [1, 2, 3, 5])
    func threadsAndTokenBudgets(_ precision: Precision, _ threads: Int) throws {
        let texts = try Self.texts(50, seed: 9)
        let alone = try embed(embedder("bert-odd", precision, threads: 1), texts, by: 1).bits
        for budget in [16, 100, nil] {
            let found = try embedder("bert-odd", precision, threads: threads, batch: budget).embedBlocking(
                texts)
            #expect(Array(found).bits == alone, "\(precision), \(threads) threads, budget \(budget ?? 0)")
        }
    }

    /// Vectors of tokens, before pooling, are those of the text alone.
    @Test(arguments: ["bert-mini", "bert-odd"])
    func tokenVectors(_ model: String) throws {
        let texts = try Self.texts(30, seed: 5)
        for precision in [Precision.f32, .bf16, .int8, .int4] {
            let alone = try embedder(model, precision, threads: 1)
            let block = try embedder(model, precision, threads: 3, batch: 100).engine.tokenVectors(
                texts, role: nil, .init())
            var first = 0
            for (index, text) in texts.enumerated() {
                let found = try alone.tokenVectorsBlocking(of: text)
                #expect(block.ids[index] == found.ids && block.tokens[index] == found.tokens)
                let values = block.floats[first..<first + found.vectors.floats.count]
                #expect(
                    values.map(\.bitPattern) == found.vectors.floats.map(\.bitPattern),
                    "\(precision), text \(index)")
                first += values.count
            }
            #expect(first == block.floats.count && block.usage.tokens * block.dimensions == first)
        }
    }

    /// The default model has several row blocks of the feed-forward network in one batch.
    @Test(arguments: [Precision.f32, .bf16, .int8, .int4])
    func theDefaultModel(_ precision: Precision) throws {
        let texts = try Self.texts(12, seed: 11)
        let one = try Embedder(
            .miniLM, configuration: .init(threads: 1, precision: precision, maxBatchTokens: 2048))
        let three = try Embedder(.miniLM, configuration: .init(threads: 3, precision: precision))
        let alone = try embed(three, texts, by: 1).bits
        #expect(try embed(one, texts, by: texts.count).bits == alone)
        #expect(try embed(three, texts, by: texts.count).bits == alone)
    }

    @Test func twoLoadsGiveTheSameBits() throws {
        let texts = try Self.texts(5)
        for precision in [Precision.f32, .bf16, .int8, .int4] {
            #expect(
                try embedder("bert-silu", precision).embedBlocking(texts).bits
                    == embedder("bert-silu", precision).embedBlocking(texts).bits
            )
        }
    }
}
