package import MartletSystem

/// The weights of a source whose matrices are stored as codes and scales, under the names that the matrices
/// themselves have. Rows are decoded as they are read.
package struct QuantisedSource: WeightSource {
    package let tensorNames: [String]
    package let unreadableTensors: [UnreadableTensor]
    private let source: any WeightSource
    private let tensors: [String: TensorView]
    /// Matrices that are turned when they are asked for.
    private let wordMatrices: [String: WordMatrix]

    package var location: String { source.location }
    package var files: [MappedFile] { source.files }

    /// Scales of a layer's inputs, for those who also compute with quantised activations, and shapes that the
    /// other tensors have, too.
    private static let unused = [
        ".input_scale", ".input_global_scale", ".output_scale", ".k_scale", ".v_scale", ".weight_shape",
    ]

    /// The source itself where none of its tensors is one of a quantised matrix.
    package static func reading(_ source: any WeightSource, _ quantisation: Quantisation) throws(WeightError)
        -> any WeightSource
    {
        let made = try QuantisedSource(source, quantisation)
        return made.tensors.isEmpty && made.wordMatrices.isEmpty ? source : made
    }

    private init(_ source: any WeightSource, _ quantisation: Quantisation) throws(WeightError) {
        self.source = source
        let parts = QuantisedParts(source, quantisation)
        let unread = source.unreadableTensors
        var tensors: [String: TensorView] = [:]
        var wordMatrices: [String: WordMatrix] = [:]
        var used: Set<String> = []
        for name in source.tensorNames + unread.map(\.name) {
            guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")),
                [".weight", ".weight_packed", ".qweight"].contains(where: name.hasSuffix)
            else { continue }
            let module = String(name[..<dot])
            if let matrix = try WordMatrix(module, in: source, quantisation.words) {
                wordMatrices[module + ".weight"] = matrix
                used.formUnion(WordMatrix.parts.map { module + $0 })
                continue
            }
            guard let (view, names) = try parts.matrix(module) else { continue }
            tensors[module + ".weight"] = view
            used.formUnion(names.map { module + "." + $0 })
        }
        if !tensors.isEmpty {
            used.formUnion(
                (source.tensorNames + unread.map(\.name)).filter { name in
                    Self.unused.contains(where: name.hasSuffix)
                })
        }
        self.tensors = tensors
        self.wordMatrices = wordMatrices
        let made = tensors.keys.sorted() + wordMatrices.keys.sorted()
        tensorNames = source.tensorNames.filter { !used.contains($0) } + made
        unreadableTensors = unread.filter { !used.contains($0.name) }
    }

    package func tensor(named name: String) -> TensorView? {
        tensors[name] ?? wordMatrices[name]?.view() ?? source.tensor(named: name)
    }

    package func elements(of name: String) -> (type: ElementType, count: Int)? {
        if let matrix = wordMatrices[name] { return (matrix.type, matrix.rows * matrix.columns) }
        return tensors[name].map { ($0.type, $0.elementCount) } ?? source.elements(of: name)
    }

    package func raw(named name: String) -> RawTensor? { source.raw(named: name) }
}
