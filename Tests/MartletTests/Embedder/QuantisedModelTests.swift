import MartletJSON
import Testing

@testable import Martlet

/// Models whose matrices are codes and scales, see Scripts/quantised-model-goldens.py.
@Suite("Models with quantised weights")
struct QuantisedModelTests {
    @Test(arguments: [
        "mlx-qwen3", "fp8-bert", "nvfp4-qwen3", "gptq-qwen3", "gptq8-mistral", "awq-qwen2", "awq-llama",
    ])
    func vectors(_ name: String) throws {
        let path = Goldens.path("quantised/" + name)
        let rows = try SparseGolden.lines(path + "/goldens.jsonl")
        let embedder = try Embedder(modelAt: path, configuration: .init(threads: 1, precision: .f32))
        let found = try embedder.embedBlocking(rows.map { try $0.string("text") })
        for (vector, row) in zip(found, rows) {
            let cosine = try vector.cosineSimilarity(to: Embedding(row.floats("embedding")))
            #expect(cosine >= 0.99999, "\(name): \(cosine)")
        }
    }

    /// Kinds of models that are not read are refused by their names.
    @Test(arguments: [
        (#"{"model_type": "lfm3"}"#, "model.safetensors", "lfm3"),
        (#"{"model_type": "deberta"}"#, "model.safetensors", "deberta"),
        (
            #"{"model_type": "bert", "quantization_config": {"quant_method": "hqq"}}"#, "model.safetensors",
            "hqq"
        ),
    ])
    func kindsThatAreNotRead(_ config: String, _ file: String, _ part: String) throws {
        let folder = try ModelCopy(of: "bert-mini", without: ["model.safetensors"])
        try folder.write("config.json", Array(config.utf8))
        try folder.write(file, ModelCopy.bytes("bert-mini", "model.safetensors"))
        let error = #expect(throws: MartletError.self) {
            try Embedder(modelAt: folder.path, configuration: .init(threads: 1))
        }
        #expect(
            error?.message.contains(part) == true && error?.code == .unsupportedModel,
            "\(error?.message ?? "")")
    }
}
