internal import MartletCompute

/// Scores documents against one query: its vectors are packed once, as the matrix of a product.
///
/// The order of every sum is fixed by the number of dimensions, so a pair has the same score whatever else is
/// scored.
struct MaxSim {
    private let query: MultiVectorEmbedding
    private let packed: PackedMatrix?
    /// Documents' vectors that are multiplied at once.
    private static let rows = 128

    init(_ query: MultiVectorEmbedding, kernels: Kernels = .best) {
        self.query = query
        guard query.count > 0, query.dimensions > 0 else {
            packed = nil
            return
        }
        packed = PackedMatrix(
            outputs: query.count, inputs: query.dimensions, bias: nil, precision: .f32, kernels: kernels
        ) {
            (rows, destination) throws(Never) in
            let width = query.dimensions
            for (place, value) in query.vectors.floats[rows.lowerBound * width..<rows.upperBound * width]
                .enumerated()
            {
                destination[place] = value
            }
        }
    }

    /// - Throws: If the document's vectors have another number of dimensions.
    func score(_ document: MultiVectorEmbedding) throws(MartletError) -> Float {
        guard let packed, document.count > 0 else { return 0 }
        let width = query.dimensions
        guard document.dimensions == width else { throw .differentWidths(width, document.dimensions) }
        var best = [Float](repeating: -.infinity, count: query.count)
        document.vectors.floats.withUnsafeBufferPointer { floats in
            guard let base = floats.baseAddress else { return }
            withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.rows * query.count) { products in
                guard let scores = products.baseAddress else { return }
                scores.initialize(repeating: 0, count: Self.rows * query.count)
                for first in stride(from: 0, to: document.count, by: Self.rows) {
                    let several = min(Self.rows, document.count - first)
                    packed.apply(
                        .init(f32: base + first * width, stride: width), rows: several,
                        to: .init(f32: scores, stride: query.count))
                    for row in 0..<several {
                        for column in 0..<query.count {
                            best[column] = max(best[column], scores[row * query.count + column])
                        }
                    }
                }
            }
        }
        return best.reduce(0, +)
    }
}
