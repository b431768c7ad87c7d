internal import MartletJSON
package import MartletSystem

/// The weights of an OpenVINO model that was converted from PyTorch, under the names that they have there:
/// openvino_model.xml, with the numbers in openvino_model.bin.
///
/// The graph itself is not run: it says which constant is which module's weight. Constants of 8 or 4 bits with
/// scales count as the numbers that they stand for. A graph with quantised activations is refused: its weights
/// may have been changed for them.
package struct OpenVINOFile: WeightSource {
    package let tensorNames: [String]
    package let location: String
    package let files: [MappedFile]
    private let tensors: [String: TensorView]

    /// The file of the numbers of a model.
    package static func numbers(of path: String) -> String {
        (path.hasSuffix(".xml") ? String(path.dropLast(4)) : path) + ".bin"
    }

    package init(path: String) throws(WeightError) {
        let file = try MappedFile.opened(path)
        let graph = try file.region.withUnsafeBytes { (bytes) throws(WeightError) in
            try OpenVINOGraph(bytes, file: path)
        }
        try graph.requirePlain(path)
        let numbers = try MappedFile.opened(Self.numbers(of: path))
        var tensors: [String: TensorView] = [:]
        for (name, weight) in try graph.weights(path).sorted(by: { $0.key < $1.key }) {
            tensors[name] = try graph.view(of: weight, name, in: numbers)
        }
        guard !tensors.isEmpty else {
            throw WeightError(
                .unsupported,
                "\(path): no constant has the name of a weight of PyTorch; the model may have been converted from ONNX: take its original weights, "
                    + "or its ONNX file", file: path)
        }
        self.tensors = tensors
        tensorNames = tensors.keys.sorted()
        location = path
        files = [file, numbers]
    }

    package func tensor(named name: String) -> TensorView? { tensors[name] }
}

extension OpenVINOGraph {
    /// Refuses graphs whose constants are not the model's weights any more, or lie turned.
    fileprivate func requirePlain(_ file: String) throws(WeightError) {
        let layers = layersInOrder.map(\.layer)
        if let layer = layers.first(where: { $0.type == "FakeQuantize" }) {
            throw WeightError(
                .unsupported,
                "\(file): the model's activations are quantised (\(layer.name.quotedForMessage)), and its weights may have been changed for that; "
                    + "take the model's original weights, or an export whose weights alone are compressed",
                file: file)
        }
        for layer in layers where layer.type == "MatMul" && layer.data["transpose_b"] != "true" {
            guard let id = layer.inputs[1], let name = constantName(id), name.hasPrefix("self.") else {
                continue
            }
            throw WeightError(
                .unsupported,
                "\(file): the matrix \(name.quotedForMessage) is stored as inputs by outputs, which is not read",
                file: file)
        }
    }
}
