internal import MartletCompute
package import MartletWeights

/// The tensors of an encoder in a weight file, by the names of the layout that the file follows.
package struct Checkpoint: Sendable {
    package let source: any WeightSource
    package let layout: TensorLayout
    package let file: String
    let adapter: Adapter?
    /// What an adapter in a file of its own adds to matrices, and its tensors in place of others.
    let lowRank: LowRankAdapter?
    /// What precedes every name in this file.
    let prefix: String

    /// - Parameters:
    ///   - layouts: What the file may follow; the first whose word table it has is taken, and of several such
    ///     the first whose norm of embeddings it has, too.
    ///   - adapter: What is added to the weights; nil: nothing.
    ///   - lowRank: The same, from a file of its own.
    package init(
        _ source: any WeightSource, layouts: [TensorLayout], file: String, adapter: Adapter? = nil,
        lowRank: LowRankAdapter? = nil
    ) throws(ModelError) {
        self.source = source
        self.file = file
        self.adapter = adapter
        self.lowRank = lowRank
        var found: [(layout: TensorLayout, prefix: String)] = []
        for layout in layouts {
            let names = (layout.hasParametrizations ? [".weight", Checkpoint.original] : [".weight"]).map {
                layout.words + $0
            }
            let prefix = layout.prefixes.first { prefix in names.contains { source.has(prefix + $0) } }
            if let prefix { found.append((layout, prefix)) }
        }
        let fitting = found.first { entry in
            guard let norm = entry.layout.embeddingNorm else { return true }
            return [".weight", ".gamma"].contains { source.has(entry.prefix + norm + $0) }
        }
        if let entry = fitting ?? found.first {
            (layout, prefix) = entry
            return
        }
        let names = layouts.map { $0.words + ".weight" }.joined(separator: " or ")
        throw ModelError(
            .missingTensor, "\(file) has no tensor \(names); do config.json and the weights belong together?",
            file: file)
    }

    /// The tensor of that name, checked against the shape that the configuration asks for.
    package func tensor(_ name: String, _ shape: [Int]) throws(ModelError) -> TensorView {
        let tensor = try tensor(name)
        guard tensor.shape == shape else {
            throw ModelError(
                .invalidTensor,
                "\(tensor.file): tensor \(tensor.name) has shape \(tensor.shape), expected \(shape)",
                file: tensor.file)
        }
        return tensor
    }

    /// The tensor of that name.
    package func tensor(_ name: String) throws(ModelError) -> TensorView {
        guard let tensor = find(name) else {
            if let other = stored(name).flatMap(source.unreadable) { throw ModelError(other) }
            throw ModelError(
                .missingTensor, "\(file) has no tensor \(prefix)\(name); the file may be incomplete",
                file: file)
        }
        return tensor
    }

    package func has(_ name: String) -> Bool { stored(name) != nil }

    private func find(_ name: String) -> TensorView? {
        lowRank?.saved(name, layout.prefixes) ?? stored(name).flatMap(source.tensor(named:))
    }

    /// What the file calls a tensor: the layer norms of the oldest checkpoints hold `gamma` and `beta`; a
    /// matrix with adapters beside it is an original.
    private func stored(_ name: String) -> String? {
        if source.has(prefix + name) { return prefix + name }
        var other: String?
        if name.hasSuffix("LayerNorm.weight") {
            other = prefix + name.dropLast(6) + "gamma"
        } else if name.hasSuffix("LayerNorm.bias") {
            other = prefix + name.dropLast(4) + "beta"
        } else if layout.hasParametrizations, name.hasSuffix(".weight") {
            other = prefix + name.dropLast(7) + Checkpoint.original
        }
        return other.flatMap { source.has($0) ? $0 : nil }
    }

    /// How torch calls a weight that has parametrizations.
    private static let original = ".parametrizations.weight.original"

    /// Before anything is sized by it: a layer has at least four matrices.
    func requireTensors(forLayers layers: Int) throws(ModelError) {
        let count = source.tensorNames.count + source.unreadableTensors.count
        guard layers > count / LayerWeights.matrices else { return }
        throw ModelError(
            .missingTensor, "\(file) has \(count) tensors, too few for \(layers) layers", file: file)
    }

    /// A bias that the description knows nothing of would be left out of the sums.
    func requireNoBias(_ name: String) throws(ModelError) {
        guard let tensor = find(name + ".bias") else {
            if let other = stored(name + ".bias").flatMap(source.unreadable) { throw ModelError(other) }
            return
        }
        // The first tools for GPTQ wrote zeros for every module.
        if try floats(tensor).allSatisfy({ $0 == 0 }) { return }
        throw ModelError(
            .invalidTensor,
            "\(tensor.file): tensor \(tensor.name) is there, but the configuration asks for no bias; do the two belong together?",
            file: tensor.file)
    }

    func floats(_ name: String, _ shape: [Int]) throws(ModelError) -> [Float] {
        try floats(tensor(name, shape))
    }

    func floats(_ tensor: TensorView) throws(ModelError) -> [Float] {
        let values: [Float]
        do throws(WeightError) {
            values = try tensor.floats()
        } catch {
            throw ModelError(.invalidTensor, error.message, file: tensor.file)
        }
        if let bad = values.firstIndex(where: { !$0.isFinite }) {
            throw Checkpoint.notFinite(tensor, values[bad], at: bad)
        }
        return values
    }

    /// A norm; `scales` are those that the matrix after it was multiplied by.
    func norm(_ name: String, _ size: Int, _ norm: TransformerDescription.Norm, before scales: [Float]? = nil)
        throws(ModelError)
        -> NormWeights
    {
        let hasBias = norm.hasBias && !norm.isRMS
        if !hasBias { try requireNoBias(name) }
        return NormWeights(
            gamma: try floats(name + ".weight", [size]).map { $0 + norm.offset },
            beta: hasBias ? try floats(name + ".bias", [size]) : nil,
            epsilon: norm.epsilon, isRMS: norm.isRMS, u8Factor: scales?.map { 1 / $0 })
    }

    /// Rows of a matrix, or of one of several that lie one under the other.
    struct MatrixPart {
        let name: String
        let rows: Int
        /// Not 0: rows belong to heads of this size, whose two halves are stored in turn, as llama.cpp's
        /// rotation for Llama takes them.
        var woven = 0

        /// Where the rows lie, counted from `start`, in the order of halves.
        func places(from start: Int) -> [Int] {
            guard woven > 0 else { return Array(start..<start + rows) }
            let half = woven / 2
            return (0..<rows).map { start + $0 / woven * woven + $0 % woven % half * 2 + $0 % woven / half }
        }
    }

    /// Matrices of `inputs` columns, one under the other, packed as one, each column multiplied by its scale.
    func matrix(
        _ parts: [MatrixPart], inputs: Int, hasBias: Bool, columnScales: [Float]? = nil, packing: Packing,
        maxima: ChannelMaxima? = nil
    ) throws(ModelError) -> PackedMatrix {
        var tensors: [TensorView] = []
        var updates: [LowRankUpdate?] = []
        var bias: [Float] = []
        let isWoven = parts.contains { $0.woven > 0 }
        var places: [Int] = []
        for part in parts {
            tensors.append(try tensor(part.name + ".weight", [part.rows, inputs]))
            updates.append(try update(part.name, rows: part.rows, columns: inputs, packing.kernels))
            let added = try lowRank?.bias(part.name, rows: part.rows, layout.prefixes)
            if hasBias {
                let own = try floats(part.name + ".bias", [part.rows])
                bias += added.map { zip(own, $0).map { $0 + $1 } } ?? own
            } else {
                try requireNoBias(part.name)
                guard added == nil else {
                    throw ModelError(
                        .unsupported,
                        "\(file): the adapter adds a bias to \(part.name), which has none; merge it into the model (merge_and_unload of PEFT)",
                        file: file)
                }
            }
            // Only now are the rows known to be there.
            if isWoven { places += part.places(from: places.count) }
        }
        if isWoven, hasBias { bias = places.map { bias[$0] } }
        let reader = MatrixRows(
            tensors: tensors, inputs: inputs, kernels: packing.kernels, places: places, updates: updates,
            maxima: maxima)
        return try PackedMatrix(
            outputs: parts.reduce(0) { $0 + $1.rows }, inputs: inputs, bias: hasBias ? bias : nil,
            columnScales: columnScales,
            precision: packing.precision, kernels: packing.kernels, memory: packing.memory, read: reader.read)
    }

    static func notFinite(_ tensor: TensorView, _ value: Float, at index: Int) -> ModelError {
        ModelError(
            .invalidTensor,
            "\(tensor.file): tensor \(tensor.name) holds \(value) at element \(index); the file may be damaged",
            file: tensor.file)
    }
}
