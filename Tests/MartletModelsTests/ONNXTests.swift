import MartletCompute
import MartletWeights
import Testing

@testable import MartletModels

/// Models exported by torch.onnx give the numbers of transformers: see Scripts/onnx-goldens.py.
@Suite("Encoders from ONNX files")
struct ONNXTests {
    static let names = ["bert", "bert-external", "distilbert", "xlm-roberta", "mpnet", "modernbert"]

    @Test(arguments: names)
    func f32(_ name: String) throws {
        let tiny = try TinyEncoder(name, in: "onnx")
        let encoder = try tiny.encoder(.f32, .best, weights: "model.onnx")
        let agreement = Agreement(TinyEncoder.states(encoder, tiny.rows.map(\.ids)), tiny.rows)
        #expect(agreement.worst >= 0.99999 && agreement.difference < 1e-4, "\(name): \(agreement)")
    }

    /// Identical norms are one constant in the file, and each has its own name.
    @Test func copiesHaveTheirNames() throws {
        let file = try WeightSources.open(path: TinyEncoder("bert-external", in: "onnx").folder + "/model.onnx")
        for layer in 0..<2 {
            let norm = try file.require("encoder.layer.\(layer).output.LayerNorm.weight", shape: [16])
            #expect(try norm.floats() == Array(repeating: 1, count: 16))
        }
        #expect(file.unreadableTensors.isEmpty)
        #expect(file.tensor(named: "encoder.layer.0.intermediate.dense.weight")?.shape == [20, 16])
    }

    @Test func halvesStayHalves() throws {
        let file = try WeightSources.open(path: TinyEncoder("xlm-roberta", in: "onnx").folder + "/model.onnx")
        #expect(file.elements(of: "encoder.layer.1.output.dense.weight")?.type == .f16)
        #expect(try file.require("encoder.layer.1.output.dense.weight", shape: [16, 20]).type == .f16)
    }
}
