import MartletModels
import MartletTokenizers
import Testing

@testable import Martlet

/// Promise 5: the peak is known before the first batch runs.
@Suite("Bounded memory")
struct BoundedMemoryTests {
    private static let text = String(repeating: "zopa turi luteve made ", count: 400)

    /// Texts of every length up to far beyond the limit, short ones first so that the buffers have to grow.
    private static let load = (0..<60).map { String(text.prefix($0 * $0 * 3)) }.sorted { $0.count < $1.count }

    @Test(arguments: tinyModels, [1, 16, 100, nil, 5000])
    func theLimitHolds(_ model: String, _ budget: Int?) throws {
        for precision in [Precision.f32, .bf16, .int8, .int4] {
            let embedder = try embedder(model, precision, threads: 3, batch: budget)
            let limit = embedder.engine.workingMemoryLimit
            for count in [1, 7, 60] {
                _ = try embedder.embedBlocking(
                    Array(Self.load.prefix(count)),
                    options: .init(pooling: model == "bert-dense" ? .native : .mean))
            }
            _ = try embedder.embedBlocking(Self.load.reversed())
            let used = embedder.engine.workers.bytes
            #expect(used > 0 && used <= limit, "\(precision): \(used) bytes, the limit is \(limit)")
            #expect(embedder.engine.workingMemoryLimit == limit)
        }
    }

    /// Every kind of tokenizer keeps what it said, after texts that ask for much: one word of many pieces,
    /// words of one character, and characters that grow when they are normalized.
    @Test(arguments: [
        ("bert", "WordPiece"), ("roberta", "BPE"), ("xlm-roberta", "Unigram"), ("llama", "BPE"),
    ])
    func tokenizersKeepWhatTheySay(_ name: String, _ kind: String) throws {
        let pooling: Pooling = name == "llama" ? .last : .native
        let embedder = try Embedder(
            modelAt: Goldens.path("llama/\(name).gguf"),
            configuration: .init(threads: 1, precision: .f32, pooling: pooling))
        let (tokenizer, scratch) = (embedder.engine.tokenizer, embedder.engine.workers[0].tokenizerScratch)
        #expect(embedder.model.tokenizer.contains(kind), "\(embedder.model.tokenizer)")
        let distinct = (0..<4000).map { "w\($0 &* 2_654_435_761 % 99_991)" }.joined(separator: " ")
        let texts =
            ["a", "ab", ".", "a ", "\u{FDFA}", "\u{4E00}", "\u{1F426}"].map {
                String(repeating: $0, count: 5000)
            } + [distinct]
        var most = 0
        for text in texts {
            _ = try embedder.embedBlocking([String(text.prefix(5000)), text])
            most = max(most, scratch.bytes)
            #expect(scratch.bytes > 0 && scratch.bytes <= tokenizer.scratchLimit, "\(name): \(scratch.bytes)")
            #expect(embedder.engine.workers.bytes <= embedder.engine.workingMemoryLimit)
        }
        #expect(most > 1 << 16)
    }

    /// The limit is computed, not measured by making what it bounds: a budget of 2^24 tokens would take
    /// gigabytes.
    @Test(arguments: [Precision.f32, .bf16, .int8, .int4], InstructionSet.here)
    func theSizeOfAStateIsKnown(_ precision: Precision, _ isa: InstructionSet) throws {
        for model in tinyModels {
            let encoder = try #require(
                embedder(model, precision, isa).engine.encoder as? any CPUEncoder)
            for (tokens, longest) in [(1, 1), (64, 64), (225, 17), (1000, 48)] {
                let state = encoder.makeState(tokens: tokens, longest: longest)
                #expect(
                    state.bytes == encoder.stateBytes(tokens: tokens, longest: longest),
                    "\(model), \(tokens), \(longest)")
            }
        }
        #expect(try embedder("bert-mini", batch: 1 << 24).engine.workingMemoryLimit > 1 << 30)
    }

    /// A text far longer than the model's limit costs what the limit costs.
    @Test func aLongTextIsCutBeforeTheModelSeesIt() throws {
        let embedder = try embedder("bert-mini", threads: 1)
        let found = try embedder.embedBlocking([String(repeating: "zopa ", count: 400_000)])
        #expect(found.usage.tokens == 224 && found.usage.truncatedInputs == [0])
        #expect(embedder.engine.workers.bytes <= embedder.engine.workingMemoryLimit)
    }

    /// A stream reads one chunk at most ahead of what was asked for.
    @Test(arguments: [1, 4, 10])
    func aStreamReadsOneChunkAhead(_ chunk: Int) async throws {
        let source = CountedTexts(limit: .max)
        var taken = 0
        for try await _ in try embedder("bert-narrow").embed(streaming: source, chunk: chunk) {
            taken += 1
            let consumed = (taken + chunk - 1) / chunk * chunk
            #expect((consumed...consumed + chunk).contains(source.pulls.value))
            if taken == 25 { break }
        }
        #expect(taken == 25)
    }
}
