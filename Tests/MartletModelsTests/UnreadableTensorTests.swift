import MartletCompute
import Testing

@testable import MartletModels
@testable import MartletWeights

/// A tensor that is stored in a form which is not read is told by that form, whatever asks for it: it is
/// neither missing, nor left out where it is optional.
@Suite("Tensors in a form that is not read")
struct UnreadableTensorTests {
    @Test(arguments: ArchitectureTests.families)
    func everyTensorOfAnEncoder(_ family: String) throws {
        let model = try TinyEncoder(family)
        let path = model.folder + "/model.safetensors"
        let source = try WeightSources.open(path: path)
        // No text's vectors are made with these.
        let names = source.tensorNames.filter { !$0.contains("pooler.") }
        try #require(names.count > 5)
        for name in names {
            let error = #expect(throws: ModelError.self, "\(name)") {
                try ArchitectureRegistry.encoder(
                    configuration: model.configuration, file: model.folder + "/config.json",
                    weights: OneUnreadable(source: source, name: name), weightFile: path,
                    .init(
                        CPUBackend(
                            precision: .f32, kernels: .best, pool: WorkerPool(width: 1),
                            calibration: Calibration())))
            }
            let message = error?.message ?? ""
            #expect(message.contains("\"\(name)\" is stored as Q9_9"), "\(message)")
        }
    }
}

/// Weights one of whose tensors is in a form that is not read.
private struct OneUnreadable: WeightSource {
    let source: any WeightSource
    let name: String

    var tensorNames: [String] { source.tensorNames.filter { $0 != name } }
    var unreadableTensors: [UnreadableTensor] {
        source.unreadableTensors + [UnreadableTensor(name: name, type: "Q9_9", file: source.location)]
    }

    func tensor(named name: String) -> TensorView? {
        name == self.name ? nil : source.tensor(named: name)
    }

    func elements(of name: String) -> (type: ElementType, count: Int)? {
        name == self.name ? nil : source.elements(of: name)
    }
}
