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
        #expect(original.worst >= 0.997 && original.mean >= 0.999, "\(original)")
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
        #expect(int8.worst >= 0.997, "\(int8)")
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
