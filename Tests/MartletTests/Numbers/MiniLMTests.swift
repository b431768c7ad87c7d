import Martlet
import MartletMiniLM
import Testing

/// Promise 1, same numbers, for the default model: against transformers with its own weights (minilm-gguf)
/// and with the original ones.
@Suite("all-MiniLM-L6-v2 gives the numbers of the reference")
struct MiniLMTests {
    /// The best instruction set, and the one that most machines have.
    static let sets: [InstructionSet] = Array(
        Set(
            InstructionSet.here.prefix(1)
                + InstructionSet.here.filter { [.avx2, .avxvnni, .neon, .neondot].contains($0) }))

    private func measure(_ precision: Precision, _ isa: InstructionSet, _ goldens: String, prefix: Int? = nil)
        throws -> Agreement
    {
        var rows = try GoldenRow.read(goldens)
        if let prefix { rows = Array(rows.filter { $0.tokens < 16 }.prefix(prefix)) }
        let embedder = try Embedder(
            .miniLM, configuration: .init(threads: 2, precision: precision, instructionSet: isa))
        let agreement = Agreement(try embedder.embed(rows), rows)
        return agreement
    }

    @Test(arguments: sets)
    func f32(_ isa: InstructionSet) throws {
        let stored = try measure(.f32, isa, "minilm-gguf")
        #expect(stored.worst >= 0.99999 && stored.difference < 1e-4, "\(stored)")
        let original = try measure(.f32, isa, "minilm")
        #expect(original.worst >= 0.9995, "\(original)")
    }

    @Test(arguments: sets)
    func bf16(_ isa: InstructionSet) throws {
        let stored = try measure(.bf16, isa, "minilm-gguf")
        #expect(stored.worst >= 0.9999, "\(stored)")
    }

    @Test(arguments: sets)
    func int8(_ isa: InstructionSet) throws {
        let original = try measure(.int8, isa, "minilm")
        #expect(original.worst >= 0.998 && original.mean >= 0.999, "\(original)")
    }

    /// No other token evens out the rounding of a text's only one.
    @Test(arguments: sets)
    func int8OfOneAndTwoTokens(_ isa: InstructionSet) throws {
        let printable = (0x20...0x7e).compactMap { Unicode.Scalar($0).map(String.init) }
        let texts =
            printable + printable.flatMap { a in printable.map { a + $0 } }
            + (0x4e00..<0x5200).compactMap { Unicode.Scalar($0).map(String.init) }
        #expect(texts.count > 10_000)
        func embed(_ precision: Precision) throws -> Embeddings {
            try Embedder(.miniLM, configuration: .init(threads: 2, precision: precision, instructionSet: isa))
                .embedBlocking(texts)
        }
        let (f32, int8) = (try embed(.f32), try embed(.int8))
        for (index, text) in texts.enumerated() {
            let cosine = zip(f32[index].values, int8[index].values).reduce(0) { $0 + $1.0 * $1.1 }
            #expect(cosine >= 0.998, "\(text.debugDescription)")
        }
    }

    /// Texts of few tokens are rounded more finely, whatever texts are beside them.
    @Test func aShortTextIsTheSameInAnyBatch() throws {
        let embedder = try Embedder(.miniLM, configuration: .init(threads: 2, precision: .int8))
        let short = ["?", "a b", "", "word", "one two", "three little words"]
        let long = (3..<40).map { Array(repeating: "word", count: $0).joined(separator: " ") }
        let together = try embedder.embedBlocking(short + long)
        for (index, text) in short.enumerated() {
            #expect(try embedder.embedBlocking([text])[0].values == together[index].values, "\(text)")
        }
    }

    @Test(arguments: sets)
    func int4(_ isa: InstructionSet) throws {
        let original = try measure(.int4, isa, "minilm")
        #expect(original.worst >= 0.93 && original.mean >= 0.977, "\(original)")
    }

    /// The plain C kernels are slow: a few short texts.
    @Test func scalar() throws {
        let f32 = try measure(.f32, .scalar, "minilm-gguf", prefix: 3)
        #expect(f32.worst >= 0.99999 && f32.difference < 1e-4, "\(f32)")
        let int8 = try measure(.int8, .scalar, "minilm", prefix: 3)
        #expect(int8.worst >= 0.998, "\(int8)")
    }

    /// Limit, pooling and normalisation of the original folder, inside the binary.
    @Test func whatIsKnownOfTheModel() throws {
        let embedder = try Embedder(.miniLM, configuration: .init(threads: 1, precision: .f32))
        let model = embedder.model
        #expect(
            model.name == "all-MiniLM-L6-v2" && model.path.isEmpty && model.maxTokens == 256
                && model.dimensions == 384)
        #expect(
            model.layers == 6 && model.heads == 12 && model.hiddenSize == 384
                && model.intermediateSize == 1536)
        #expect(
            model.pooling == [.mean] && model.normalizes && model.vocabularySize == 30522
                && model.weightType == "q8_0")
        let tokens = try embedder.tokenize("Hello, world! unbelievably")
        #expect(tokens.tokens.first == "[CLS]" && tokens.tokens.last == "[SEP]" && tokens.ids[1] == 7592)
    }
}
