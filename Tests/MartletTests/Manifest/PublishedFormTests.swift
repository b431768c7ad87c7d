import MartletModels
import MartletJSON
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
