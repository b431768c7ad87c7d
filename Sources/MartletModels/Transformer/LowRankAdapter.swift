internal import MartletSystem
package import MartletWeights

/// A LoRA adapter as PEFT saves it: pairs of matrices by the names of the modules that they belong to (Hu et
/// al. 2021).
package struct LowRankAdapter: Sendable {
    /// How a pair's product is scaled.
    package struct Scaling: Sendable, Equatable {
        /// `r`, which pairs have unless `hasRanks` says that some have another one.
        package var rank: Int
        package var hasRanks = false
        package var alpha: Double
        /// Of modules whose names end so; the first that fits counts.
        package var alphas: [Alpha] = []
        /// Divides by the root of the rank, not by the rank (Kalajdzievski 2023).
        package var isRankStabilised = false

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

    package init(_ source: any WeightSource, file: String, _ scaling: Scaling) {
        self.source = source
        self.file = file
        self.scaling = scaling
    }

    /// What stands before the names of the base model's modules.
    private static let wrappers = ["base_model.model.", "base_model."]
    private static let ends = [
        ".lora_A.weight", ".lora_B.weight", ".lora_embedding_A", ".lora_embedding_B",
    ]

    /// Refuses a tensor that belongs to none of an encoder's matrices: it would be left out.
    func check(_ layout: TensorLayout, layers: Int) throws(ModelError) {
        let known = layout.projections + layout.up + [layout.attentionOutput, layout.down]
        for name in source.tensorNames + source.unreadableTensors.map(\.name) {
            let end = Self.ends.first { name.hasSuffix($0) }
            let isKnown =
                end.map { end in
                    Self.modules(String(name.dropLast(end.count)), layout.prefixes).contains { module in
                        if module == layout.words { return end.holds("embedding") }
                        guard let inside = layout.inside(layerOf: module), known.contains(inside) else {
                            return false
                        }
                        return !end.holds("embedding")
                            && (0..<layers).contains { layout.layer($0, inside) == module }
                    }
                } ?? false
            guard isKnown else {
                throw ModelError(
                    .unsupported,
                    "\(file): the adapter's tensor \(name) belongs to no matrix of the encoder that an adapter is added to",
                    file: file)
            }
        }
    }

    /// The names that a module of the adapter may have in the encoder.
    private static func modules(_ name: String, _ prefixes: [String]) -> [String] {
        let inner = wrappers.first(where: name.hasPrefix).map { String(name.dropFirst($0.count)) } ?? name
        return prefixes.filter(inner.hasPrefix).map { String(inner.dropFirst($0.count)) }
    }

    /// What the adapter adds to a matrix; nil: nothing.
    func update(_ module: String, rows: Int, columns: Int, isTable: Bool, _ prefixes: [String])
        throws(ModelError) -> LowRankUpdate?
    {
        let stems = Self.wrappers.flatMap { wrapper in prefixes.map { wrapper + $0 + module } }
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
        if isTable {
            return LowRankUpdate(
                left: Self.turned(wide, rows: rank).map { $0 * scale },
                right: Self.turned(tall, rows: columns), rank: rank)
        }
        return LowRankUpdate(left: tall.map { $0 * scale }, right: wide, rank: rank)
    }

    private static func turned(_ values: [Float], rows: Int) -> [Float] {
        let columns = values.count / max(rows, 1)
        return (0..<values.count).map { values[$0 % rows * columns + $0 / rows] }
    }

    private func tensor(_ name: String, _ shape: [Int?]) throws(ModelError) -> TensorView {
        guard let tensor = source.tensor(named: name) else {
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
