internal import MartletJSON
package import MartletSystem

/// The weights of an ONNX model that was exported from PyTorch, under the names that they have there.
///
/// The graph itself is not run: it says which constant is which module's matrix. Matrices that were quantised
/// to 8 bits dynamically count as the numbers that their codes stand for; a graph whose operations are fused or
/// quantised otherwise holds other numbers than the model's, and is refused.
package struct ONNXFile: WeightSource {
    package let tensorNames: [String]
    package let unreadableTensors: [UnreadableTensor]
    /// The file's path, or the name of the memory it was read from.
    package let location: String
    package let files: [MappedFile]
    private let tensors: [String: Stored]

    private struct Stored: Sendable {
        let view: TensorView
        /// Inputs by outputs: turned when it is asked for, so that only what is being packed is in memory
        /// twice.
        let isTurned: Bool
        /// What makes numbers of the view's codes; nil: the view has numbers.
        var quantised: ONNXQuantised?
    }

    package init(path: String) throws(WeightError) {
        let file = try MappedFile.opened(path)
        try self.init(region: file.region, name: path, folder: Self.folder(of: path))
    }

    static func folder(of path: String) -> String {
        path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[...$0]) } ?? ""
    }

    /// - Parameters:
    ///   - name: Stands for the file in messages.
    ///   - folder: Where files with the data of large models lie, with its last slash; nil: there are none.
    package init(region: MemoryRegion, name: String, folder: String?) throws(WeightError) {
        let graph = try region.withUnsafeBytes { (bytes) throws(WeightError) in
            try ONNXGraph(bytes, file: name)
        }
        try graph.requireNamesOnce(name)
        let quantised = ONNXQuantised.all(of: graph.constants, in: region)
        try graph.requirePlain(name, but: quantised)
        var data = ONNXData(region: region, file: name, folder: folder)
        var views: [TensorView] = []
        // By the place of their codes in `views`.
        var forms: [Int: ONNXQuantised] = [:]
        var unreadable: [UnreadableTensor] = []
        let codings = Set(quantised.values.flatMap { [$0.name + "_scale", $0.name + "_zero_point"] })
        for constant in graph.allConstants where !codings.contains(constant.name) {
            if let form = quantised[constant.name] {
                var codes = constant
                codes.name = form.name
                forms[views.count] = form
                views.append(try data.view(of: codes, .i8))
            } else if let type = constant.elementType, !constant.isScattered {
                views.append(try data.view(of: constant, type))
            } else if constant.name.hasSuffix(".weight") || constant.name.hasSuffix(".bias") {
                unreadable.append(UnreadableTensor(name: constant.name, type: constant.typeName, file: name))
            }
        }
        let names = ONNXNames(
            constants: views.map { ($0.name, $0.shape.count) },
            operations: graph.operations.map(\.withoutQuantisation))
        if let contested = names.contested.min() {
            throw .malformed(
                name, "two tensors of the graph would be \(contested.quotedForMessage)", tensor: contested)
        }
        tensors = names.weights.reduce(into: [:]) { result, entry in
            let view = views[entry.value.constant]
            let named = TensorView(
                name: entry.key, type: view.type, shape: view.shape, bytes: view.bytes, file: view.file)
            result[entry.key] = Stored(
                view: named, isTurned: entry.value.isTurned, quantised: forms[entry.value.constant])
        }
        tensorNames = tensors.keys.sorted()
        unreadableTensors = unreadable
        location = name
        files = data.files
    }

    package func tensor(named name: String) -> TensorView? {
        guard let stored = tensors[name] else { return nil }
        let view = stored.isTurned ? stored.view.turned() : stored.view
        return stored.quantised?.decoded(view, isTurned: stored.isTurned) ?? view
    }

    package func elements(of name: String) -> (type: ElementType, count: Int)? {
        tensors[name].map { ($0.view.type, $0.view.elementCount) }
    }
}

extension ONNXGraph {
    /// Those of the graph, and those that operations make.
    fileprivate var allConstants: [Constant] {
        constants
            + operations.compactMap { operation in
                guard operation.kind == "Constant", let output = operation.outputs.first,
                    var constant = operation.constant
                else {
                    return nil
                }
                constant.name = output
                return constant
            }
    }

    /// Refuses a graph in which one name stands for two constants: the scales of the one may not fit the
    /// other.
    fileprivate func requireNamesOnce(_ file: String) throws(WeightError) {
        var seen: Set<String> = []
        for constant in allConstants where !constant.name.isEmpty && !seen.insert(constant.name).inserted {
            throw .malformed(
                file, "tensor \(constant.name.quotedForMessage) comes twice in the graph",
                tensor: constant.name)
        }
    }

    /// Refuses graphs whose constants are not the model's weights any more.
    /// - Parameter quantised: Matrices of which the numbers are known, by the names of their codes.
    fileprivate func requirePlain(_ file: String, but quantised: [String: ONNXQuantised]) throws(WeightError)
    {
        let kinds: Set<String> = [
            "DynamicQuantizeMatMul", "EmbedLayerNormalization",
            "FusedMatMul", "GatherBlockQuantized",
            "GroupQueryAttention", "MatMulBnb4", "MatMulFpQ4", "MatMulIntegerToFloat",
            "MatMulNBits", "MultiHeadAttention",
            "PackedAttention", "QAttention", "QEmbedLayerNormalization", "QGemm", "QLinearMatMul",
        ]
        // ONNX's own Attention has its matrices outside.
        // A table's codes become numbers after its rows were taken, and perhaps turned: the scale says whose they
        // are.
        let scales = Set(quantised.values.map { $0.name + "_scale" })
        let fused = operations.first { operation in
            switch operation.kind {
            case "MatMulInteger": operation.inputs.count < 2 || quantised[operation.inputs[1]] == nil
            case "DequantizeLinear": operation.inputs.count < 2 || !scales.contains(operation.inputs[1])
            case "Attention": !operation.domain.isEmpty
            default: kinds.contains(operation.kind)
            }
        }
        guard let fused else { return try requirePlainProducts(file) }
        throw WeightError(
            .unsupported,
            "\(file) is a fused or quantised graph (it has the operation \(fused.kind.quotedForMessage)), "
                + "which does not hold the model's own weights; pull the safetensors files of this model instead",
            file: file)
    }

    /// Gemm is alpha · A · B + beta · C: with other factors than 1, or A turned, its constants are not a
    /// module's weight and bias.
    private func requirePlainProducts(_ file: String) throws(WeightError) {
        for operation in operations where operation.kind == "Gemm" {
            let factor = ["alpha", "beta"].first { operation.floats[$0] ?? 1 != 1 }
            let isTurned = operation.numbers["transA"]?.first ?? 0 != 0
            guard factor != nil || isTurned else { continue }
            let what = factor.map { "\($0) \(operation.floats[$0] ?? 1)" } ?? "transA 1"
            throw WeightError(
                .unsupported,
                "\(file): the operation \(operation.name.quotedForMessage) is a Gemm with \(what), so that its constants are not a module's "
                    + "weight and bias; pull the safetensors files of this model instead",
                file: file)
        }
    }
}

extension ONNXGraph.Constant {
    /// TensorProto.DataType of the types that weights have.
    fileprivate var elementType: ElementType? {
        switch type {
        case 1: .f32
        case 10: .f16
        case 16: .bf16
        default: nil
        }
    }

    fileprivate var isScattered: Bool { if case .scattered = content { true } else { false } }

    fileprivate var typeName: String {
        let names: [UInt64: String] = [
            1: "FLOAT", 2: "UINT8", 3: "INT8", 6: "INT32", 7: "INT64", 10: "FLOAT16", 11: "DOUBLE",
            16: "BFLOAT16",
        ]
        return "ONNX \(names[type] ?? "type \(type)")" + (isScattered ? " in single numbers" : "")
    }
}
