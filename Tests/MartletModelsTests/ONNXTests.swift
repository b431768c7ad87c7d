import MartletCompute
import MartletWeights
import Synchronization
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

    /// Whole numbers of 8 bits count as the numbers that they stand for.
    @Test(arguments: ["bert-int8", "distilbert-uint8", "mpnet-channels"])
    func quantised(_ name: String) throws {
        let tiny = try TinyEncoder(name, in: "onnx")
        let encoder = try tiny.encoder(.f32, .best, weights: "model_quantized.onnx")
        let agreement = Agreement(TinyEncoder.states(encoder, tiny.rows.map(\.ids)), tiny.rows)
        #expect(agreement.worst >= 0.99999 && agreement.difference < 1e-4, "\(name): \(agreement)")
    }

    /// Identical norms are one constant in the file, and each has its own name.
    @Test func copiesHaveTheirNames() throws {
        let file = try WeightSources.open(
            path: TinyEncoder("bert-external", in: "onnx").folder + "/model.onnx")
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

extension ONNXTests {
    /// Whether a tensor is there is known without it: a matrix that lies turned would be copied to be seen.
    @Test func askingForATensorReadsNone() throws {
        let file = try WeightSources.open(path: TinyEncoder("bert", in: "onnx").folder + "/model.onnx")
        let counted = CountedSource(source: file)
        let head = HeadTensors(counted, file: "model.onnx")
        #expect(
            file.tensorNames.count > 10 && file.tensorNames.allSatisfy(head.has) && !head.has("no.weight"))
        #expect(counted.reads.withLock { $0 } == 0)
        _ = try head.floats("encoder.layer.0.output.LayerNorm.weight", [16])
        #expect(counted.reads.withLock { $0 } == 1)
    }
}

/// Counts how often a tensor is taken out of a file.
private final class CountedSource: WeightSource {
    let source: any WeightSource
    let reads = Mutex(0)

    init(source: any WeightSource) { self.source = source }

    var tensorNames: [String] { source.tensorNames }
    func elements(of name: String) -> (type: ElementType, count: Int)? { source.elements(of: name) }
    func tensor(named name: String) -> TensorView? {
        reads.withLock { $0 += 1 }
        return source.tensor(named: name)
    }
}
