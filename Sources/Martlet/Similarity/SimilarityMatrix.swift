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
        precondition(row >= 0 && row < rows && column >= 0 && column < columns, "entry (\(row), \(column)) of \(rows) × \(columns)")
        return values[row * columns + column]
    }
}

/// The similarity of every vector of `a` to every vector of `b`.
/// - Parameters:
///   - a: The rows of the result.
///   - b: The columns of the result; the same number of dimensions as `a`, another number is a programmer's error and traps.
///   - function: See ``SimilarityFunction``. Default: cosine.
/// - Returns: `a.count` × `b.count` similarities.
public func similarityMatrix(_ a: Embeddings, _ b: Embeddings, by function: SimilarityFunction = .cosine) -> SimilarityMatrix {
    var values: [Float] = []
    values.reserveCapacity(a.count * b.count)
    let norms = function.norms(of: b)
    for vector in a { values.append(contentsOf: similarities(of: vector, to: b, norms: norms, by: function)) }
    return SimilarityMatrix(rows: a.count, columns: b.count, values: values)
}

/// One row of the matrix.
/// - Parameter norms: `function.norms(of: block)`.
func similarities(of query: Embedding, to block: Embeddings, norms: [Double], by function: SimilarityFunction) -> [Float] {
    precondition(
        block.isEmpty || query.count == block.dimensions,
        "vectors of \(query.count) and \(block.dimensions) dimensions cannot be compared")
    let dimensions = query.count
    guard dimensions > 0 else { return [Float](repeating: 0, count: block.count) }
    return query.withUnsafeBufferPointer { a in
        block.floats.withUnsafeBufferPointer { rows in
            guard let a = a.baseAddress, let base = rows.baseAddress else { return [] }
            let normA = function.norm(a, dimensions)
            return (0..<block.count).map { index in
                function.score(a, normA, base + index * dimensions, norms[index], dimensions)
            }
        }
    }
}
