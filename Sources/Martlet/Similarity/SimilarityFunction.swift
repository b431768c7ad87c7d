/// How alike two vectors are: larger is always more alike.
public enum SimilarityFunction: String, Sendable, Hashable, Codable, CaseIterable {
    /// The cosine of the angle, from -1 to 1 up to rounding. 0 if one of the vectors is zero.
    case cosine
    /// The dot product.
    case dot
    /// The negative Euclidean distance, as in sentence-transformers.
    case euclidean
    /// The negative sum of absolute differences, as in sentence-transformers.
    case manhattan
}

extension Embedding {
    /// The dot product.
    /// - Throws: ``MartletError/Code/differentSpaces`` or ``MartletError/Code/dimensionMismatch`` if the two
    ///   cannot be compared.
    public func dot(_ other: Embedding) throws(MartletError) -> Float { try similarity(to: other, by: .dot) }

    /// The cosine of the angle to another vector, from -1 to 1 up to rounding; 0 if one of them is zero.
    /// - Throws: ``MartletError/Code/differentSpaces`` or ``MartletError/Code/dimensionMismatch`` if the two
    ///   cannot be compared.
    public func cosineSimilarity(to other: Embedding) throws(MartletError) -> Float {
        try similarity(to: other, by: .cosine)
    }

    /// The similarity by a function of choice.
    /// - Parameters:
    ///   - other: A vector of the same space and number of dimensions.
    ///   - function: See ``SimilarityFunction``.
    /// - Throws: ``MartletError/Code/differentSpaces`` or ``MartletError/Code/dimensionMismatch`` if the two
    ///   cannot be compared.
    public func similarity(to other: Embedding, by function: SimilarityFunction) throws(MartletError) -> Float
    {
        try ModelIdentity.requireSameSpace(identity, other.identity)
        guard count == other.count else { throw .differentWidths(count, other.count) }
        return withUnsafeBufferPointer { a in
            other.withUnsafeBufferPointer { b in
                guard let a = a.baseAddress, let b = b.baseAddress else { return 0 }
                return function.score(a, function.norm(a, count), b, function.norm(b, count), count)
            }
        }
    }

    /// The vector divided by its length, as `torch.nn.functional.normalize`: a vector of zeros stays one.
    public func normalized() -> Embedding {
        var copy = values
        copy.withUnsafeMutableBufferPointer { row in
            if let base = row.baseAddress { VectorMath.normalize(base, row.count) }
        }
        return Embedding(copy, identity: identity)
    }
}

extension SimilarityFunction {
    /// What `score` needs to know of each vector: its length for the cosine, nothing otherwise.
    func norm(_ a: UnsafePointer<Float>, _ count: Int) -> Double {
        self == .cosine ? max(VectorMath.norm(a, count), VectorMath.normFloor) : 1
    }

    /// `norm` of each vector of a block.
    func norms(of block: Embeddings) -> [Double] {
        block.floats.withUnsafeBufferPointer { rows in
            guard let base = rows.baseAddress else { return Array(repeating: 1, count: block.count) }
            return (0..<block.count).map { norm(base + $0 * block.dimensions, block.dimensions) }
        }
    }

    func score(
        _ a: UnsafePointer<Float>, _ normA: Double, _ b: UnsafePointer<Float>, _ normB: Double, _ count: Int
    ) -> Float {
        switch self {
        case .cosine: Float(Double(VectorMath.dot(a, b, count)) / (normA * normB))
        case .dot: VectorMath.dot(a, b, count)
        case .euclidean: -Float(VectorMath.squaredDistance(a, b, count).squareRoot())
        case .manhattan: -Float(VectorMath.manhattanDistance(a, b, count))
        }
    }
}
