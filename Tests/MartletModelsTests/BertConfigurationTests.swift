import MartletCompute
import MartletJSON
import MartletWeights
import Testing

@testable import MartletModels

@Suite("A BERT's configuration and tensor names")
struct BertConfigurationTests {
    private static let sizes =
        #""model_type":"bert","vocab_size":10,"hidden_size":8,"num_hidden_layers":2,"num_attention_heads":2,"intermediate_size":16"#

    private func read(_ json: String) throws -> BertConfiguration {
        try BertConfiguration(json: JSONValue.parse(utf8: "{\(json)}"), file: "config.json")
    }

    /// What is absent has the value that transformers' BertConfig gives it.
    @Test func defaults() throws {
        let plain = try read(Self.sizes)
        #expect(
            plain.maxPositions == 512 && plain.typeVocabularySize == 2 && plain.normEpsilon == 1e-12
                && plain.activation == .gelu)
        #expect(plain.headSize == 4 && plain.layers == 2 && plain.intermediateSize == 16)
        let null = try read(
            Self.sizes
                + #","hidden_act":null,"layer_norm_eps":null,"is_decoder":false,"position_embedding_type":"absolute""#
        )
        #expect(null == plain)
        #expect(try read(Self.sizes + #","hidden_act":"gelu_pytorch_tanh""#).activation == .geluTanh)
    }

    @Test(arguments: [
        (#""hidden_act":1"#, "hidden_act"), (#""hidden_act":"xielu""#, "xielu"),
        (#""layer_norm_eps":"a""#, "layer_norm_eps"),
        (#""layer_norm_eps":-1"#, "epsilon"), (#""layer_norm_eps":1e39"#, "epsilon"),
        (#""is_decoder":true"#, "is_decoder"),
        (#""is_decoder":1"#, "is_decoder"), (#""position_embedding_type":"rotary""#, "rotary"),
        (#""hidden_size":9"#, "heads"),
        (#""hidden_size":0"#, "hidden_size"), (#""hidden_size":268435457"#, "hidden_size"),
        (#""hidden_size":"8""#, "hidden_size"),
        (#""num_hidden_layers":9223372036854775808"#, "num_hidden_layers"),
        (#""max_position_embeddings":0"#, "max_position_embeddings"),
    ])
    func whatIsRefused(_ member: String, _ part: String) {
        let error = #expect(throws: ModelError.self) { try read(Self.sizes + "," + member) }
        #expect(
            error?.message.contains("config.json") == true && error?.message.contains(part) == true,
            "\(error?.message ?? "")")
    }

    @Test(arguments: [
        ("embeddings.word_embeddings.weight", "token_embd.weight"),
        ("embeddings.LayerNorm.bias", "token_embd_norm.bias"),
        ("embeddings.token_type_embeddings.weight", "token_types.weight"),
        ("encoder.layer.1.attention.self.query.weight", "blk.1.attn_q.weight"),
        ("encoder.layer.0.attention.output.LayerNorm.bias", "blk.0.attn_output_norm.bias"),
        ("encoder.layer.1.intermediate.dense.weight", "blk.1.ffn_up.weight"),
        ("encoder.layer.1.output.LayerNorm.weight", "blk.1.layer_output_norm.weight"),
    ])
    func namesInGGUF(_ name: String, _ expected: String) throws {
        #expect(try bertForm().names.first { $0.source == name }?.gguf == expected)
    }

    @Test func everyTensorHasANameOfItsOwn() throws {
        let names = try bertForm().names
        #expect(
            names.count == 5 + 2 * 16 && Set(names.map(\.source)).count == names.count
                && Set(names.map(\.gguf)).count == names.count)
    }

    private func bertForm() throws -> GGUFForm {
        let tiny = try TinyEncoder("bert", in: "onnx")
        let file = tiny.folder + "/model.onnx"
        let blueprint = try ArchitectureRegistry.blueprint(
            configuration: tiny.configuration, file: "config.json")
        let checkpoint = try Checkpoint(
            WeightSources.open(path: file), layouts: blueprint.layouts, file: file)
        return try GGUFForm(blueprint.description, checkpoint)
    }
}

@Suite("Smoothing scales")
struct SmoothingTests {
    /// Channels that are large in the activations and small in the weights are divided by more; the geometric
    /// mean is 1.
    @Test func evenOutChannels() throws {
        let scales = try #require(
            Smoothing(activations: [[1, 64, 1, 1]], weights: [[1, 1, 1, 1]]).scales.first)
        #expect(scales[1] > 4 && scales[0] < 1 && scales[0] == scales[2])
        #expect(abs(scales.reduce(1, *) - 1) < 0.3)
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity, .greatestFiniteMagnitude, 0, .leastNonzeroMagnitude])
    func stayPositiveAndFinite(_ odd: Float) {
        let one = [Float](repeating: 1, count: 4)
        for (activations, weights) in [
            ([odd, 1, 2, 3], one), (one, [odd, 1, 2, 3]), ([odd, odd, odd, odd], one),
            ([odd, 1, 1, 1], [odd, 1, 1, 1]),
        ] {
            let scales = Smoothing(activations: [activations], weights: [weights]).scales.joined()
            #expect(scales.allSatisfy { $0 > 0 && $0.isFinite && (1 / $0).isFinite }, "\(Array(scales))")
        }
    }

    @Test func comeBackFromMetadata() {
        let smoothing = Smoothing(activations: [[1, 2], [3, 4]], weights: [[1, 1], [2, 1]])
        #expect(Smoothing(flat: smoothing.flat, layers: 1, hidden: 2) == smoothing)
        #expect(smoothing.flat == smoothing.scales[0] + smoothing.scales[1])
        for broken: [Float] in [
            [], [1, 1, 1], [1, 1, 1, 0], [1, 1, 1, -1], [1, 1, 1, .nan], [1, 1, 1, .infinity],
        ] {
            #expect(Smoothing(flat: broken, layers: 1, hidden: 2) == nil)
        }
    }
}

@Suite("Calibration")
struct CalibrationTests {
    /// Special tokens and all, the sequence never has more tokens than the model has positions, and is the
    /// same each time.
    @Test(arguments: [1, 2, 3, 5, 39, 40, 512])
    func fitsTheModel(_ positions: Int) {
        func batch() -> PackedBatch {
            Calibration(before: [1, 99], after: [2]).batch(vocabularySize: 10, maxPositions: positions)
        }
        #expect(batch().sequences == 1 && batch().longest == min(40, positions))
        #expect(batch().ids.allSatisfy { (0..<10).contains($0) } && batch().ids.first == 1)
        #expect(positions < 3 || batch().ids.last == 2)
        #expect(batch().ids == batch().ids)
    }
}
