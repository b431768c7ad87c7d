internal import MartletJSON
internal import MartletSystem

/// Which of a graph's constants are a module's weights. The converter keeps the names of matrices and tables;
/// what adds a constant, or multiplies by one, tells the module that the constant is the bias or the norm of.
extension OpenVINOGraph {
    /// A weight by the layers of its constants.
    struct Weight {
        var values: Int
        /// Of codes: the number that one step stands for, and the code of 0.
        var scale: Int?
        var zero: Int?
        /// Dimensions of one element before the others were added for the operation.
        var dropsOnes = false
    }

    /// The weights by their names in PyTorch. Two constants of one name are refused, unless they are the same
    /// bytes.
    func weights(_ file: String) throws(WeightError) -> [String: Weight] {
        let layersInOrder = layersInOrder
        var constants: [String: Int] = [:]
        for (id, layer) in layersInOrder where layer.type == "Const" { constants[layer.name] = id }
        var weights: [String: Weight] = [:]
        func add(_ name: String, _ weight: Weight) throws(WeightError) {
            let other = weights.updateValue(weight, forKey: name)
            guard let other, layers[other.values]?.data != layers[weight.values]?.data else { return }
            throw .malformed(
                file, "two constants of the graph would be \(name.quotedForMessage)", tensor: name)
        }
        for (id, layer) in layersInOrder where layer.type == "Const" && layer.name.hasPrefix("self.") {
            // Halves, which an operation makes floats of.
            let isHalf = layer.name.hasSuffix("_compressed")
            let name = isHalf ? String(layer.name.dropLast("_compressed".count)) : layer.name
            guard [".weight", ".bias"].contains(where: name.hasSuffix) else { continue }
            try add(
                String(name.dropFirst(5)),
                Weight(values: id, scale: constants[name + "/scale"], zero: constants[name + "/zero_point"]))
        }
        for (_, layer) in layersInOrder where layer.type == "Add" || layer.type == "Multiply" {
            let parts = layer.name.split(separator: "/")
            guard layer.name.hasPrefix("__module."), parts.count >= 3 else { continue }
            let leaf: String
            switch (parts[1], layer.type) {
            case ("aten::linear", "Add"), ("aten::layer_norm", "Add"): leaf = ".bias"
            case ("aten::layer_norm", "Multiply"): leaf = ".weight"
            default: continue
            }
            for input in layer.ordered {
                guard let id = constant(input), !(layers[id]?.name.hasPrefix("self.") ?? true) else {
                    continue
                }
                try add(
                    parts[0].dropFirst("__module.".count) + leaf, Weight(values: id, dropsOnes: true))
            }
        }
        return weights
    }

    /// The constant that a layer gives, perhaps in another type; nil: it gives none.
    private func constant(_ id: Int) -> Int? {
        var id = id
        for _ in 0..<8 {
            guard let layer = layers[id] else { return nil }
            if layer.type == "Const" { return id }
            guard layer.type == "Convert", let from = layer.inputs[0] else { return nil }
            id = from
        }
        return nil
    }

    func constantName(_ id: Int) -> String? { constant(id).flatMap { layers[$0]?.name } }

    /// The tensor of a weight.
    /// - Parameter numbers: The file that holds the bytes.
    func view(of weight: Weight, _ name: String, in numbers: MappedFile) throws(WeightError)
        -> TensorView
    {
        let (type, shape, bytes) = try place(weight.values, name, numbers)
        if let plain = ElementType(rawValue: type), [.f32, .f16, .bf16].contains(plain),
            weight.scale == nil
        {
            let shape = weight.dropsOnes ? [shape.last ?? 1] : shape
            guard plain.byteCount(shape: shape) == bytes.count else {
                throw wrong(name, shape, bytes, numbers)
            }
            return TensorView(name: name, type: plain, shape: shape, bytes: bytes, file: numbers.path)
        }
        guard let bits = ["u8": 8, "i8": 8, "u4": 4, "i4": 4][type], let scale = weight.scale,
            shape.count >= 2
        else {
            throw WeightError(
                .unsupported,
                "\(numbers.path): tensor \(name.quotedForMessage) is stored as \(type), which is not supported",
                file: numbers.path, tensor: name)
        }
        let (rows, columns) = (shape[0], shape.dropFirst().reduce(1, *))
        let scales = try floats(scale, name, numbers)
        let zeros =
            try weight.zero.map { (id) throws(WeightError) in try floats(id, name, numbers) } ?? [0]
        guard rows > 0, columns > 0, rows * columns * bits == bytes.count * 8, columns * bits % 8 == 0,
            scales.count > 0, scales.count % rows == 0, columns % (scales.count / rows) == 0,
            zeros.count == scales.count || zeros.count == 1
        else { throw wrong(name, shape, bytes, numbers) }
        let decoder = ZeroPointRows(
            codes: bytes, bits: bits, isSigned: type.hasPrefix("i"), columns: columns,
            groups: scales.count / rows, scales: scales, zeros: zeros)
        return TensorView(
            name: name, type: bits == 8 ? .i8 : .q4_1, shape: [rows, columns], bytes: bytes,
            file: numbers.path, decoder: decoder)
    }

    private func floats(_ id: Int, _ name: String, _ numbers: MappedFile) throws(WeightError)
        -> [Float]
    {
        let (type, shape, bytes) = try place(id, name, numbers)
        let count = shape.reduce(1, *)
        if let plain = ElementType(rawValue: type), [.f32, .f16, .bf16, .i8].contains(plain),
            plain.byteCount(shape: [count]) == bytes.count
        {
            return try TensorView(
                name: name, type: plain, shape: [count], bytes: bytes, file: numbers.path
            )
            .floats()
        }
        let bits = ["u8": 8, "u4": 4, "i4": 4][type] ?? 0
        guard bits > 0, (count * bits + 7) / 8 == bytes.count else {
            throw wrong(name, shape, bytes, numbers)
        }
        return bytes.withUnsafeBytes { bytes in
            (0..<count).map {
                ZeroPointRows.code($0, bits: bits, isSigned: type.hasPrefix("i"), in: bytes)
            }
        }
    }

    /// A constant's type, its shape and its bytes.
    private func place(_ id: Int, _ name: String, _ numbers: MappedFile) throws(WeightError) -> (
        type: String, shape: [Int], bytes: MemoryRegion
    ) {
        let data = layers[id]?.data ?? [:]
        let sizes = (data["shape"] ?? "").split(separator: ",").map { part in
            Int(String(part.filter { $0 != " " })) ?? -1
        }
        guard let offset = data["offset"].flatMap({ Int($0) }),
            let size = data["size"].flatMap({ Int($0) }),
            let count = ElementType.i8.byteCount(shape: sizes),
            let bytes = numbers.region.subregion(offset: offset, count: size),
            // No element has less than half a byte.
            count <= 2 * bytes.count
        else {
            throw .malformed(
                numbers.path,
                "tensor \(name.quotedForMessage) of shape [\(data["shape"] ?? "")] is not inside the file of \(numbers.region.count) bytes",
                tensor: name)
        }
        return (data["element_type"] ?? "", sizes, bytes)
    }

    private func wrong(_ name: String, _ shape: [Int], _ bytes: MemoryRegion, _ numbers: MappedFile)
        -> WeightError
    {
        .malformed(
            numbers.path,
            "tensor \(name.quotedForMessage) of shape \(shape) has \(bytes.count) bytes, or scales, that do not fit it",
            tensor: name)
    }
}
