import MartletCompute
import MartletJSON
import Testing

@testable import MartletModels

/// Every family gives the numbers of transformers, and the same bits in any batch.
@Suite("Encoder families")
struct ArchitectureTests {
    static let families = [
        "distilbert", "distilbert-relu", "roberta", "xlm-roberta", "camembert", "electra", "electra-wide",
        "mpnet", "nomic-bert",
        "nomic-bert-long", "gte", "gte-new", "modernbert", "modernbert-odd", "jina-bert",
        "jina-embeddings-v3", "qwen2",
        "qwen2-bidirectional", "qwen3", "qwen3-yarn", "mistral", "mistral-linear", "eurobert", "gemma3",
        "gemma3-bidirectional",
        "nomic-experts", "nomic-experts-gguf", "jina-embeddings-v3-published", "llama", "llama-bidirectional",
        "albert", "t5", "t5-relu", "deberta-v2", "deberta-v2-odd", "deberta-v2-plain", "pplx",
        "jina-v5-small", "jina-v5-nano", "lfm2", "lfm2-bias",
        "lfm2-bidirectional", "lfm2-bidirectional-even", "ministral3", "ministral3-causal",
    ]

    /// All sequences in one batch, and each alone.
    @Test(arguments: families, Kernels.available)
    func f32(_ family: String, _ kernels: Kernels) throws {
        let tiny = try TinyEncoder(family)
        let encoder = try tiny.encoder(.f32, kernels)
        let together = TinyEncoder.states(encoder, tiny.rows.map(\.ids))
        let agreement = Agreement(together, tiny.rows)
        #expect(
            agreement.worst >= 0.99999 && agreement.difference < 1e-4,
            "\(family), \(kernels.name): \(agreement)")
        for (row, states) in zip(tiny.rows, together) {
            #expect(
                TinyEncoder.states(encoder, [row.ids]) == [states],
                "\(family), \(kernels.name), \(row.ids.count) tokens alone")
        }
        #expect(encoder.shape.maxPositions >= tiny.rows.map(\.ids.count).max() ?? 0)
    }

    /// Random weights are several times as large as trained ones, and so are rounding errors: the bounds
    /// leave a margin to what was measured on all instruction sets, and would not let a wrong kernel pass.
    @Test(arguments: families, Kernels.available)
    func narrowPrecisions(_ family: String, _ kernels: Kernels) throws {
        let tiny = try TinyEncoder(family)
        for (precision, worst, mean) in [
            (ComputePrecision.bf16, 0.995, 0.9998), (.int8, 0.98, 0.998), (.int4, 0.5, 0.85),
        ] {
            let encoder = try tiny.encoder(precision, kernels)
            let together = TinyEncoder.states(encoder, tiny.rows.map(\.ids))
            let agreement = Agreement(together, tiny.rows)
            #expect(
                agreement.worst >= worst && agreement.mean >= mean,
                "\(family), \(precision), \(kernels.name): \(agreement)")
            for (row, states) in zip(tiny.rows, together).suffix(4) {
                #expect(
                    TinyEncoder.states(encoder, [row.ids]) == [states],
                    "\(family), \(precision), \(kernels.name)")
            }
        }
    }

    /// `f32` and `narrowPrecisions` run for every form that can be read; those of "bert" are with the tiny
    /// models of the public face.
    @Test func everyModelTypeHasACheckpoint() throws {
        let types = try Self.families.map { try TinyEncoder($0).configuration["model_type"]?.string ?? "" }
        #expect(Set(types).union(["bert"]).isSuperset(of: ArchitectureRegistry.modelTypes))
    }

    /// The same checkpoint as llama.cpp's converter names its tensors and metadata.
    @Test(
        arguments: [
            ("nomic-bert", "nomic-bert"), ("nomic-experts-gguf", "nomic-bert-moe"),
            ("jina-bert", "jina-bert-v2"),
            ("modernbert", "modern-bert"), ("qwen2-bidirectional", "qwen2"), ("qwen3", "qwen3"),
            ("gemma3-bidirectional", "gemma-embedding"),
        ], ComputePrecision.allCases)
    func gguf(_ family: (folder: String, architecture: String), _ precision: ComputePrecision) throws {
        let tiny = try TinyEncoder(family.folder)
        let encoder = try tiny.ggufEncoder(precision, .best)
        let agreement = Agreement(TinyEncoder.states(encoder, tiny.rows.map(\.ids)), tiny.rows)
        let worst: [ComputePrecision: Double] = [.f32: 0.99999, .bf16: 0.995, .int8: 0.98, .int4: 0.7]
        #expect(
            agreement.worst >= worst[precision] ?? 1, "\(family.architecture), \(precision): \(agreement)")
        #expect(encoder.shape.architecture == family.architecture)
        let isPlain = family.folder != "nomic-experts-gguf"
        // The converter leaves the bias of the experts' sum out, and the count of all other tensors' elements
        // is this.
        let parameters = try isPlain ? tiny.encoder(precision, .best).shape.parameters : 50_312
        #expect(encoder.shape.parameters == parameters, "\(family.architecture)")
    }

    /// What a state takes is known before it is made.
    @Test(arguments: families)
    func stateBytes(_ family: String) throws {
        let tiny = try TinyEncoder(family)
        for precision in ComputePrecision.allCases {
            let encoder = try #require(tiny.encoder(precision, .best) as? any CPUEncoder)
            for (tokens, longest) in [(1, 1), (100, 17), (1000, 60)] {
                let state = encoder.makeState(tokens: tokens, longest: longest)
                // It comes with the first batch that has a prefix.
                (state as? TransformerState)?.prepareKeys()
                #expect(state.bytes == encoder.stateBytes(tokens: tokens, longest: longest))
            }
        }
    }
}
