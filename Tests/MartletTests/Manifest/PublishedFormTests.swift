import MartletModels
import MartletJSON
import MartletSystem
import MartletWeights
import Testing

@testable import Martlet

/// Forms that publishers give to models beside transformers' own.
@Suite("Published forms")
struct PublishedFormTests {
    private func projected(_ config: String, pooling: [PoolingMode] = [.mean]) throws -> PipelineDescription {
        let folder = try TestFolder(["config.json": config])
        try folder.write(
            "model.safetensors",
            TestFolder.safetensors([("linear.weight", [2, 4], [1, 2, 3, 4, 5, 6, 7, 8])]))
        let read = try #require(try ModelFolder(path: folder.path).config("config.json"))
        var pipeline = PipelineDescription(pooling: pooling)
        pipeline.stages = [.normalize]
        try pipeline.addPublishedProjection(read, SafetensorsFile(path: folder.path + "/model.safetensors"))
        return pipeline
    }

    /// voyage-4-nano projects each token before the mean.
    @Test func aProjectionOfEachToken() throws {
        let pipeline = try projected(#"{"architectures": ["Qwen3BidirectionalModel"], "num_labels": 2}"#)
        #expect(pipeline.description == "mean → dense(4→2, identity) → normalize")
        #expect(try pipeline.dimensions(hiddenSize: 4) == 2)
        #expect(try projected(#"{"architectures": ["Qwen3Model"]}"#).stages == [.normalize])
        let count = #expect(throws: MartletError.self) {
            try projected(#"{"architectures": ["Qwen3BidirectionalModel"], "num_labels": 3}"#)
        }
        #expect(count?.message.contains("num_labels") == true)
        #expect(throws: MartletError.self) {
            try projected(#"{"architectures": ["Qwen3BidirectionalModel"]}"#, pooling: [.max])
        }
    }

    @Test func aDropoutModuleIsForTraining() throws {
        let copy = try ModelCopy(of: "bert-mini")
        try copy.edit(
            "modules.json",
            [
                (
                    "]",
                    #", {"idx": 9, "name": "9", "path": "9_Dropout", "type": "sentence_transformers.models.Dropout"}]"#
                )
            ])
        let expected = try Embedder(
            modelAt: Goldens.path("models/bert-mini"), configuration: .init(threads: 1, precision: .f32))
        let found = try Embedder(modelAt: copy.path, configuration: .init(threads: 1, precision: .f32))
        #expect(try found.embedBlocking(["zopa"]).bits == expected.embedBlocking(["zopa"]).bits)
    }
}

extension PublishedFormTests {
    /// pplx-embed's vectors are whole numbers: 127 · tanh of the pooled vector, rounded.
    @Test func wholeNumbers() throws {
        let copy = try ModelCopy(of: "bert-mini")
        let modules = """
            [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
             {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
             {"idx": 2, "name": "2", "path": "", "type": "st_quantize.FlexibleQuantizer", "kwargs": ["quantization"]}]
            """
        let plain = modules.replacing(
            #",\#n {"idx": 2, "name": "2", "path": "", "type": "st_quantize.FlexibleQuantizer", "kwargs": ["quantization"]}"#,
            with: "")
        try copy.write("modules.json", Array(plain.utf8))
        let texts = ["zopa balo", "turi", ""]
        let configuration = ModelConfiguration(threads: 1, precision: .f32)
        let pooled = try Embedder(modelAt: copy.path, configuration: configuration).embedBlocking(texts)
        try copy.write("modules.json", Array(modules.utf8))
        let embedder = try Embedder(modelAt: copy.path, configuration: configuration)
        let found = try embedder.embedBlocking(texts)
        #expect(found.map { $0.contains { abs($0) > 1 } } == [true, true, true])
        for (a, b) in zip(found, pooled) {
            for (x, y) in zip(a, b) { #expect(x == (tanhf(y) * 127).rounded(.toNearestOrEven)) }
        }
        #expect(embedder.model.pipeline.hasSuffix("mean → tanh_int8"), "\(embedder.model.pipeline)")
    }
}
