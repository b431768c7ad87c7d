import MartletModels
import MartletCompute
import MartletWeights
import Testing

@testable import Martlet

@Suite("The pipeline is read from GGUF metadata, and written there")
struct PipelineMetadataTests {
    struct Metadata: PipelineMetadata {
        var values: [String: PipelineMetadataValue] = [:]
        func string(_ key: String) -> String? {
            if case .string(let value)? = values[key] { value } else { nil }
        }
        func int(_ key: String) -> Int? { if case .integer(let value)? = values[key] { value } else { nil } }
        func bool(_ key: String) -> Bool? { if case .bool(let value)? = values[key] { value } else { nil } }
        func strings(_ key: String) -> [String]? {
            if case .strings(let value)? = values[key] { value } else { nil }
        }
    }

    private func read(
        _ values: [String: PipelineMetadataValue], tensors: [PipelineTensor] = [], pooling: Pooling = .native
    ) throws -> PipelineDescription {
        let folder = try TestFolder()
        try folder.write("weights", TestFolder.safetensors(tensors.map { ($0.name, $0.shape, $0.values) }))
        let weights = try SafetensorsFile(path: folder.path + "/weights")
        return try PipelineDescription(
            metadata: Metadata(values: values), architecture: "bert", weights: weights, file: "model.gguf",
            pooling: pooling)
    }

    private func roundTrip(_ pipeline: PipelineDescription) throws -> PipelineDescription {
        let written = pipeline.metadata(architecture: "bert")
        #expect(Set(written.map(\.key)).count == written.count)
        return try read(
            Dictionary(written.map { ($0.key, $0.value) }, uniquingKeysWith: { a, _ in a }),
            tensors: pipeline.tensors)
    }

    @Test func whatIsWrittenIsReadBack() throws {
        for mode in PoolingMode.allCases {
            let plain = PipelineDescription(pooling: [mode])
            #expect(try roundTrip(plain) == plain)
        }
        var full = PipelineDescription(pooling: [.cls, .max])
        full.includePrompt = false
        full.maxTokens = 256
        full.lowercases = true
        full.similarity = .dot
        full.defaultDimensions = 3
        full.prompts = Prompts(
            [.init(name: "query", text: "q\"ü: \n"), .init(name: "document", text: "")], defaultName: "query")
        full.stages = [
            .dense(
                try DenseLayer(
                    inputs: 8, outputs: 4, weight: Goldens.values(32, seed: 1),
                    bias: Goldens.values(4, seed: 2), activation: .gelu,
                    residual: true, residualWeight: Goldens.values(32, seed: 3), file: "model.gguf")),
            .layerNorm(
                try LayerNormLayer(
                    weight: Goldens.values(4, seed: 4), bias: Goldens.values(4, seed: 5), file: "model.gguf")),
            .dense(
                try DenseLayer(
                    inputs: 4, outputs: 4, weight: Goldens.values(16, seed: 6), bias: nil, activation: .tanh,
                    file: "model.gguf")
            ),
            .normalize,
        ]
        let copy = try roundTrip(full)
        #expect(copy.description == full.description)
        #expect(
            copy.prompts == full.prompts && copy.maxTokens == 256 && copy.lowercases
                && copy.similarity == .dot && !copy.includePrompt)
        #expect(copy.tensors == full.tensors && copy.tensors.count == 6)
        #expect(
            copy.metadata(architecture: "bert").map(\.value)
                == full.metadata(architecture: "bert").map(\.value))
    }

    @Test(arguments: [(1, PoolingMode.mean), (2, .cls), (3, .last)])
    func filesOfLlamaCpp(_ type: Int, _ mode: PoolingMode) throws {
        let pipeline = try read(["bert.pooling_type": .integer(type)])
        #expect(pipeline.pooling == [mode] && pipeline.stages == [.normalize])
        #expect(pipeline.notes.count == 1 && pipeline.notes.first?.contains("length 1") == true)
    }

    @Test(arguments: [
        (["bert.pooling_type": PipelineMetadataValue.integer(0)], "token vectors"),
        (["bert.pooling_type": .integer(4)], "a reranker"),
        (["bert.pooling_type": .integer(9)], "unknown"), ([:], "choose a pooling"),
        (["martlet.pooling": .strings(["median"])], "median"),
        (["martlet.pooling": .strings([])], "empty"),
        (["bert.pooling_type": .integer(1), "martlet.stages": .strings(["cnn"])], #"stage 0 is "cnn""#),
        (
            ["bert.pooling_type": .integer(1), "martlet.stages": .strings(["dense"])],
            "martlet.stage.0.weight"
        ),
        (["bert.pooling_type": .integer(1), "martlet.stages": .strings(["layer_norm"])], "martlet.stage.0"),
        (["bert.pooling_type": .integer(1), "martlet.max_tokens": .integer(0)], "martlet.max_tokens"),
        (["bert.pooling_type": .integer(1), "martlet.prompts": .string("{")], "martlet.prompts"),
        (["bert.pooling_type": .integer(1), "martlet.similarity": .string("x")], "martlet.similarity"),
        (
            ["bert.pooling_type": .integer(1), "martlet.default_prompt_name": .string("x")],
            "default_prompt_name"
        ),
    ])
    func brokenMetadata(_ values: [String: PipelineMetadataValue], _ part: String) {
        let error = #expect(throws: MartletError.self) { try read(values) }
        #expect(error?.message.contains(part) == true, "\(error?.message ?? "") should contain \(part)")
        #expect(error?.message.contains("model.gguf") == true)
    }

    @Test func aGivenPoolingWins() throws {
        #expect(try read([:], pooling: .max).pooling == [.max])
        #expect(try read(["bert.pooling_type": .integer(4)], pooling: .cls).pooling == [.cls])
    }

    @Test func unreadModulesAreAnError() {
        let dense = PipelineTensor(name: "cls.output.weight", shape: [1, 1], values: [1])
        let error = #expect(throws: MartletError.self) {
            try read(["bert.pooling_type": .integer(1)], tensors: [dense])
        }
        #expect(error?.code == .unsupportedModel && error?.message.contains("cls.output.weight") == true)
    }
}
