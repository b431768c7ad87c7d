internal import MartletCompute
internal import MartletSystem
package import MartletWeights

/// A LoRA adapter as PEFT saves it: pairs of matrices by the names of the modules that they belong to (Hu et
/// al. 2021), and tensors in place of the model's own.
package struct LowRankAdapter: Sendable {
    /// How pairs are added.
    package struct Scaling: Sendable, Equatable {
        /// `r`, which pairs have unless `hasRanks` says that some have another one.
        package var rank: Int
        package var hasRanks = false
        package var alpha: Double
        /// Of modules whose names end so; the first that fits counts.
        package var alphas: [Alpha] = []
        /// Divides by the root of the rank, not by the rank (Kalajdzievski 2023).
        package var isRankStabilised = false
        /// Each matrix has lengths of its own for the rows of the sum: DoRA (Liu et al. 2024).
        package var hasLengths = false
        /// Each pair has a bias, which its product's scale multiplies, too.
        package var hasBiases = false

        package init(rank: Int, alpha: Double) { (self.rank, self.alpha) = (rank, alpha) }

        package struct Alpha: Sendable, Equatable {
            let ending: String
            let alpha: Double

            package init(ofModulesEndingIn ending: String, _ alpha: Double) {
                (self.ending, self.alpha) = (ending, alpha)
            }
        }

        func scale(_ module: String, rank: Int) -> Float {
            let own = alphas.first { module == $0.ending || module.hasSuffix("." + $0.ending) }?.alpha
            return Float((own ?? alpha) / (isRankStabilised ? Double(rank).squareRoot() : Double(rank)))
        }
    }

    package let source: any WeightSource
    package let file: String
    package let scaling: Scaling
    /// Whether nothing reads the pooler, as for vectors from token vectors: a trained one has no effect then.
    package var hasUnreadPooler = false

    package init(_ source: any WeightSource, file: String, _ scaling: Scaling) {
        self.source = source
        self.file = file
        self.scaling = scaling
    }

    /// Prefixes of the names of the base model's modules; transformers takes names without one, too.
    private static let wrappers = ["base_model.model.", "base_model.", ""]
    private static let ends = [
        ".lora_A.weight", ".lora_B.weight", ".lora_embedding_A", ".lora_embedding_B",
    ]
    /// What a pair of a matrix or a table may have besides.
    private static let lengths = [".lora_magnitude_vector", ".lora_magnitude_vector.weight"]
    private static let biasEnd = ".lora_B.bias"
    /// What may follow a module's name before that of a tensor that takes the place of the model's own.
    private static let savedParts = ["", ".base_layer", ".modules_to_save"]

    /// Refuses a tensor that belongs to none of an encoder's matrices: it would be left out.
    func check(_ layout: TensorLayout, layers: Int) throws(ModelError) {
        for name in source.tensorNames + source.unreadableTensors.map(\.name) {
            guard isKnown(name, in: layout, layers: layers) else {
                throw ModelError(
                    .unsupported,
                    "\(file): the adapter's tensor \(name) belongs to no matrix of the encoder that an adapter is added to",
                    file: file)
            }
        }
        if let other = source.unreadableTensors.first { throw ModelError(other) }
    }

    private func isKnown(_ name: String, in layout: TensorLayout, layers: Int) -> Bool {
        let convolution = layout.convolution.map { [$0.projection, $0.output] } ?? []
        let known =
            layout.projections + layout.up + [layout.attentionOutput, layout.down] + convolution
        let ends =
            Self.ends + (scaling.hasBiases ? [Self.biasEnd] : []) + (scaling.hasLengths ? Self.lengths : [])
        guard let end = ends.first(where: name.hasSuffix) else {
            return !name.holds(".lora_")
                && Self.modules(Self.plain(name), layout.prefixes).contains {
                    LeftoverTensors.isOfEncoder($0, layout) || hasUnreadPooler && $0.hasPrefix("pooler.")
                }
        }
        let isOfTable = end.holds("embedding")
        return Self.modules(String(name.dropLast(end.count)), layout.prefixes).contains { module in
            if module == layout.words { return isOfTable || Self.lengths.contains(end) }
            guard !isOfTable, let inside = layout.inside(layerOf: module), known.contains(inside) else {
                return false
            }
            return (0..<layers).contains { layout.layer($0, inside) == module }
        }
    }

    /// A saved tensor's name as the model has it.
    private static func plain(_ name: String) -> String {
        for part in savedParts.dropFirst() {
            for leaf in [".weight", ".bias"] where name.hasSuffix(part + leaf) {
                return String(name.dropLast(part.count + leaf.count)) + leaf
            }
        }
        return name
    }

    /// The tensor that the adapter has in place of the model's own; nil: none.
    func saved(_ name: String, _ prefixes: [String]) -> TensorView? {
        for leaf in [".weight", ".bias"] where name.hasSuffix(leaf) {
            for stem in stems(String(name.dropLast(leaf.count)), prefixes) {
                for part in Self.savedParts {
                    if let tensor = source.tensor(named: stem + part + leaf) { return tensor }
                }
            }
        }
        return nil
    }

    /// What the adapter adds to a matrix's bias; nil: nothing.
    func bias(_ module: String, rows: Int, _ prefixes: [String]) throws(ModelError) -> [Float]? {
        let end = Self.ends[1]
        guard scaling.hasBiases, let stem = stems(module, prefixes).first(where: { source.has($0 + end) })
        else { return nil }
        let rank = try tensor(stem + end, [rows, nil]).shape[1]
        let scale = scaling.scale(module, rank: rank)
        return try floats(tensor(stem + Self.biasEnd, [rows])).map { $0 * scale }
    }

    private func stems(_ module: String, _ prefixes: [String]) -> [String] {
        Self.wrappers.flatMap { wrapper in prefixes.map { wrapper + $0 + module } }
    }

    /// The names that a module of the adapter may have in the encoder.
    private static func modules(_ name: String, _ prefixes: [String]) -> [String] {
        let inner = wrappers.first(where: name.hasPrefix).map { String(name.dropFirst($0.count)) } ?? name
        return prefixes.filter(inner.hasPrefix).map { String(inner.dropFirst($0.count)) }
    }

    /// What the adapter adds to a matrix; nil: nothing.
    /// - Parameter table: The rows that are looked up; nil: it is no table.
    func update(
        _ module: String, rows: Int, columns: Int, table: TensorView?, _ prefixes: [String],
        _ kernels: Kernels
    ) throws(ModelError) -> LowRankUpdate? {
        let (stems, isTable) = (stems(module, prefixes), table != nil)
        let ends = isTable ? Self.ends[2...] : Self.ends[..<2]
        let (first, second) = (ends[ends.startIndex], ends[ends.startIndex + 1])
        guard let stem = stems.first(where: { source.has($0 + first) || source.has($0 + second) }) else {
            return nil
        }
        // Of a table A is [rank, rows] and B [columns, rank]; of a matrix A is [rank, columns] and B [rows,
        // rank].
        let a = try tensor(stem + first, [nil, isTable ? rows : columns])
        let rank = a.shape[0]
        guard rank > 0, scaling.hasRanks || rank == scaling.rank else {
            throw ModelError(
                .invalidTensor,
                "\(file): tensor \(a.name) has rank \(rank), but \"r\" is \(scaling.rank)", file: file)
        }
        let b = try tensor(stem + second, [isTable ? columns : rows, rank])
        let scale = scaling.scale(module, rank: rank)
        let (wide, tall) = (try floats(a), try floats(b))
        guard let table else {
            var update = LowRankUpdate(left: tall.map { $0 * scale }, right: wide, rank: rank)
            update.lengths = try lengths(stem, rows).map { .ofRows($0) }
            return update
        }
        var update = LowRankUpdate(
            left: Self.turned(wide, rows: rank).map { $0 * scale },
            right: Self.turned(tall, rows: columns), rank: rank)
        // Of a table, the columns have the lengths.
        if let lengths = try lengths(stem, columns) {
            let found = Self.columnLengths(of: table, with: update, kernels)
            update.lengths = .factors(zip(lengths, found).map { $0 / $1 })
        }
        return update
    }

    private func lengths(_ stem: String, _ count: Int) throws(ModelError) -> [Float]? {
        guard scaling.hasLengths else { return nil }
        let name = Self.lengths.map { stem + $0 }.first(where: source.has) ?? stem + Self.lengths[0]
        return try floats(tensor(name, [count]))
    }

    private static func columnLengths(of table: TensorView, with update: LowRankUpdate, _ kernels: Kernels)
        -> [Float]
    {
        var squares = [Double](repeating: 0, count: table.rowLength)
        var line = [Float](repeating: 0, count: table.rowLength)
        line.withUnsafeMutableBufferPointer { line in
            guard let base = line.baseAddress else { return }
            for row in 0..<table.rowCount {
                table.readRows(row..<row + 1, into: line)
                update.apply(row: row, to: base, kernels)
                for column in squares.indices { squares[column] += Double(line[column] * line[column]) }
            }
        }
        return squares.map { Float($0.squareRoot()) }
    }

    private static func turned(_ values: [Float], rows: Int) -> [Float] {
        let columns = values.count / max(rows, 1)
        return (0..<values.count).map { values[$0 % rows * columns + $0 / rows] }
    }

    private func tensor(_ name: String, _ shape: [Int?]) throws(ModelError) -> TensorView {
        guard let tensor = source.tensor(named: name) else {
            if let other = source.unreadable(name) { throw ModelError(other) }
            throw ModelError(
                .missingTensor, "\(file) has no tensor \(name), which belongs to a pair", file: file)
        }
        let fits =
            tensor.shape.count == shape.count
            && zip(tensor.shape, shape).allSatisfy { $0 == $1 ?? $0 }
        guard fits else {
            throw ModelError(
                .invalidTensor,
                "\(file): tensor \(name) has shape \(tensor.shape), which does not fit the base model's matrix; do the two belong together?",
                file: file)
        }
        return tensor
    }

    private func floats(_ tensor: TensorView) throws(ModelError) -> [Float] {
        let values: [Float]
        do throws(WeightError) {
            values = try tensor.floats()
        } catch {
            throw ModelError(.invalidTensor, error.message, file: file)
        }
        if let bad = values.firstIndex(where: { !$0.isFinite }) {
            throw Checkpoint.notFinite(tensor, values[bad], at: bad)
        }
        return values
    }
}
