/// Which of a graph's constants are a module's weights, and under which names.
///
/// An exporter keeps the names of tables, norms and biases, and folds the transposition of a matrix into a
/// constant without a name, such as onnx::MatMul_123. What the graph does with that constant says whose it
/// is: the bias that is added next, or the name of the operation, which holds the path of the module.
struct ONNXNames {
    /// A constant as a module's weight.
    struct Weight: Equatable {
        /// The index of the constant.
        var constant: Int
        /// Stored as inputs by outputs, where a module has outputs by inputs.
        var isTurned = false
    }

    private(set) var weights: [String: Weight] = [:]
    /// Names that two different constants would have.
    private(set) var contested: Set<String> = []

    /// - Parameter constants: Those of the graph, and those of its operations that make constants; only
    ///   matrices and vectors of floats.
    init(constants: [(name: String, rank: Int)], operations: [ONNXGraph.Operation]) {
        var values: [String: Weight] = [:]
        for (index, constant) in constants.enumerated() where !constant.name.isEmpty {
            values[constant.name] = Weight(constant: index)
        }
        // Copies, and matrices that the graph itself turns, hold the same numbers under another name.
        for operation in operations {
            guard let from = operation.inputs.first, let to = operation.outputs.first,
                var weight = values[from]
            else { continue }
            switch operation.kind {
            case "Identity", "Cast": break
            case "Transpose"
            where operation.numbers["perm"] ?? [1, 0] == [1, 0] && constants[weight.constant].rank == 2:
                weight.isTurned.toggle()
            default: continue
            }
            values[to] = weight
        }
        let biases = Self.biases(operations, values)
        var isFactor = Set<Int>()
        for operation in operations where operation.kind == "MatMul" || operation.kind == "Gemm" {
            guard operation.inputs.count > 1, var weight = values[operation.inputs[1]],
                constants[weight.constant].rank == 2
            else {
                continue
            }
            // The product takes inputs by outputs.
            let takesOutputsFirst = operation.kind == "Gemm" && operation.numbers["transB"]?.first == 1
            if !takesOutputsFirst { weight.isTurned.toggle() }
            let own = constants[weight.constant].name
            let bias =
                operation.kind == "Gemm"
                ? operation.inputs.dropFirst(2).first : operation.outputs.first.flatMap { biases[$0] }
            let found =
                own.hasSuffix(".weight")
                ? own : Self.weightName(bias: bias) ?? Self.weightName(operation: operation.name)
            guard let name = found else { continue }
            add(name, weight)
            isFactor.insert(weight.constant)
        }
        for (name, weight) in values
        where !isFactor.contains(weight.constant) && !weight.isTurned && Self.isParameter(name) {
            add(name, weight)
        }
        dropWrapper()
    }

    private mutating func add(_ name: String, _ weight: Weight) {
        if let other = weights.updateValue(weight, forKey: name), other != weight { contested.insert(name) }
    }

    /// "a.b.weight" and the like, not "onnx::MatMul_12" or "/a/b/Constant_output_0".
    private static func isParameter(_ name: String) -> Bool {
        name.utf8.contains(UInt8(ascii: ".")) && !name.utf8.contains(UInt8(ascii: "/"))
    }

    /// The constant that is first added to a value, by the value's name.
    private static func biases(_ operations: [ONNXGraph.Operation], _ values: [String: Weight]) -> [String:
        String]
    {
        var biases: [String: String] = [:]
        for operation in operations where operation.kind == "Add" && operation.inputs.count == 2 {
            let (first, second) = (operation.inputs[0], operation.inputs[1])
            if values[second] != nil, biases[first] == nil { biases[first] = second }
            if values[first] != nil, biases[second] == nil { biases[second] = first }
        }
        return biases
    }

    private static func weightName(bias: String?) -> String? {
        guard let bias, bias.hasSuffix(".bias"), isParameter(bias) else { return nil }
        return bias.dropLast(4) + "weight"
    }

    /// "/encoder/layer.0/attention/self/query/MatMul" is of the module encoder.layer.0.attention.self.query.
    private static func weightName(operation: String) -> String? {
        var path = operation.split(separator: "/")
        guard operation.hasPrefix("/"), let last = path.popLast(),
            last.hasPrefix("MatMul") || last.hasPrefix("Gemm"), !path.isEmpty
        else {
            return nil
        }
        return path.joined(separator: ".") + ".weight"
    }

    /// A module around the model, made to be exported, precedes all names. `layers` before all is the
    /// model itself.
    private mutating func dropWrapper() {
        guard weights.count > 1 else { return }
        let names = weights.keys.map { Array($0.utf8) }
        let shared = names.dropFirst().reduce(names[0][...]) { shared, name in
            shared.prefix(zip(shared, name).prefix { $0 == $1 }.count)
        }
        let shortest = names.reduce(.max) { min($0, $1.count) }
        // Module by module, as long as all names have one and something after it.
        var cut = 0
        while let dot = shared[cut...].firstIndex(of: UInt8(ascii: ".")), dot > cut, dot + 1 < shortest {
            if shared[cut..<dot].elementsEqual("layers".utf8) { break }
            cut = dot + 1
        }
        guard cut > 0 else { return }
        func short(_ name: String) -> String { String(decoding: name.utf8.dropFirst(cut), as: UTF8.self) }
        weights = weights.reduce(into: [:]) { $0[short($1.key)] = $1.value }
        contested = Set(contested.map(short))
    }
}
