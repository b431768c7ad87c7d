internal import MartletCompute
internal import MartletWeights

/// What an adapter adds to a matrix: left · right, of a rank far below the matrix's (Hu et al. 2021). The sum
/// may then get new lengths (Liu et al. 2024).
struct LowRankUpdate: Sendable {
    enum Lengths: Sendable {
        /// The new length of each row.
        case ofRows([Float])
        /// What multiplies each column.
        case factors([Float])
    }

    /// [rows × rank]
    private let left: [Float]
    /// [rank × columns]
    private let right: [Float]
    private let rank: Int
    var lengths: Lengths?

    init(left: [Float], right: [Float], rank: Int) {
        self.left = left
        self.right = right
        self.rank = rank
    }

    /// Changes what is row `row` of the matrix, in f32 and in the order of the rank.
    func apply(row: Int, to output: UnsafeMutablePointer<Float>, _ kernels: Kernels) {
        let columns = right.count / rank
        right.withUnsafeBufferPointer { right in
            guard let base = right.baseAddress else { return }
            for k in 0..<rank {
                kernels.add(base + k * columns, scaledBy: left[row * rank + k], to: output, count: columns)
            }
        }
        switch lengths {
        case nil: return
        case .ofRows(let lengths):
            let factor = lengths[row] / kernels.dot(output, output, count: columns).squareRoot()
            for column in 0..<columns { output[column] *= factor }
        case .factors(let factors):
            for column in 0..<columns { output[column] *= factors[column] }
        }
    }

    var bytes: Int { (left.count + right.count) * MemoryLayout<Float>.stride }
}

extension Checkpoint {
    /// The adapter whose low-rank pairs are added to the weights that they stand beside.
    package struct Adapter: Sendable, Equatable {
        /// Its place among the adapters of the file.
        package let index: Int
        package let count: Int
        package let rank: Int
        /// Multiplies every pair's product.
        package let scale: Float
    }

    /// What the adapter adds to a matrix, or to a table whose rows are looked up; nil: no adapter is chosen.
    ///
    /// - Parameter table: The table's own rows.
    ///
    /// The pairs are tensors of all adapters: of a matrix A [adapters, rank, columns] and B [adapters, rows,
    /// rank], and of a table A [adapters, rows, rank] and B [adapters, rank, columns].
    func update(
        _ name: String, rows: Int, columns: Int, table: TensorView? = nil, _ kernels: Kernels
    ) throws(ModelError) -> LowRankUpdate? {
        if let lowRank {
            return try lowRank.update(
                name, rows: rows, columns: columns, table: table, layout.prefixes, kernels)
        }
        guard let adapter else { return nil }
        let stem = name + ".parametrizations.weight.0.lora_"
        func part(_ side: String, _ shape: [Int]) throws(ModelError) -> [Float] {
            let tensor = try tensor(stem + side, [adapter.count] + shape)
            let size = shape.reduce(1, *)
            var values = [Float](repeating: 0, count: size)
            values.withUnsafeMutableBufferPointer {
                tensor.readRows(adapter.index * shape[0]..<(adapter.index + 1) * shape[0], into: $0)
            }
            if let bad = values.firstIndex(where: { !$0.isFinite }) {
                throw Checkpoint.notFinite(tensor, values[bad], at: adapter.index * size + bad)
            }
            return values
        }
        let wide = try part(table != nil ? "B" : "A", [adapter.rank, columns])
        let tall = try part(table != nil ? "A" : "B", [rows, adapter.rank])
        return LowRankUpdate(left: tall.map { $0 * adapter.scale }, right: wide, rank: adapter.rank)
    }
}
