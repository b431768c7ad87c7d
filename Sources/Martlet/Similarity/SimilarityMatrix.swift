/// The similarities of every vector of one block to every vector of another.
public struct SimilarityMatrix: Sendable, Hashable {
    /// Number of vectors of the first block.
    public let rows: Int
    /// Number of vectors of the second block.
    public let columns: Int
    /// Row-major: ``rows`` × ``columns`` similarities.
    public let values: [Float]

    /// The similarity of vector `row` of the first block to vector `column` of the second, both from 0.
    public subscript(row: Int, column: Int) -> Float {
        precondition(
            row >= 0 && row < rows && column >= 0 && column < columns,
            "entry (\(row), \(column)) of \(rows) × \(columns)")
        return values[row * columns + column]
    }
}

extension Embeddings {
    /// The similarity of every vector of this block to every vector of another.
    /// - Parameters:
    ///   - other: The columns of the result.
    ///   - function: See ``SimilarityFunction``. Default: cosine.
    /// - Returns: `count` × `other.count` similarities. It takes that many comparisons.
    /// - Throws: ``MartletError/Code/differentSpaces`` or ``MartletError/Code/dimensionMismatch`` if the
    ///   blocks cannot be compared.
    public func similarities(to other: Embeddings, by function: SimilarityFunction = .cosine)
        throws(MartletError) -> SimilarityMatrix
    {
        var values: [Float] = []
        values.reserveCapacity(count * other.count)
        let norms = function.norms(of: other)
        try ModelIdentity.requireSameSpace(identity, other.identity)
        for vector in self { values += try other.similarities(of: vector, norms: norms, by: function) }
        return SimilarityMatrix(rows: count, columns: other.count, values: values)
    }

    /// One row of the matrix.
    /// - Parameter norms: `function.norms(of: self)`.
    func similarities(
        of query: Embedding, norms: [Double], by function: SimilarityFunction
    ) throws(MartletError) -> [Float] {
        guard isEmpty || query.count == dimensions else { throw .differentWidths(query.count, dimensions) }
        let width = query.count
        guard width > 0 else { return [Float](repeating: 0, count: count) }
        return query.withUnsafeBufferPointer { a in
            floats.withUnsafeBufferPointer { rows in
                guard let a = a.baseAddress, let base = rows.baseAddress else { return [] }
                let normA = function.norm(a, width)
                return (0..<count).map { function.score(a, normA, base + $0 * width, norms[$0], width) }
            }
        }
    }
}
