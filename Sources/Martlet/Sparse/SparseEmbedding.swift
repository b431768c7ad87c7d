/// The vector of one text where most dimensions are 0: the others, in ascending order.
///
/// A dimension is a token of the model's vocabulary, see ``SparseEmbedder/token(at:)``, or the hash of a
/// word.
public struct SparseEmbedding: Sendable {
    /// Dimensions that are not 0, from 0, ascending, each once.
    public let indices: [Int]
    /// One number for each of ``indices``.
    public let values: [Float]
    /// Which model made it; nil for a vector from elsewhere.
    public internal(set) var identity: ModelIdentity?

    /// A vector of the given dimensions, in any order.
    /// - Parameters:
    ///   - indices: Dimensions, each once.
    ///   - values: One number for each of `indices`.
    ///   - identity: Which model made it; nil: not known, and taken on trust where it is compared.
    /// - Throws: ``MartletError/Code/invalidOption`` if there are not as many values as indices, or an index
    ///   is negative or comes twice.
    public init(indices: [Int], values: [Float], identity: ModelIdentity? = nil) throws(MartletError) {
        guard indices.count == values.count else {
            throw MartletError(
                .invalidOption,
                "\(indices.count) indices and \(values.count) values, expected as many of each")
        }
        let order = indices.indices.sorted { indices[$0] < indices[$1] }
        for (a, b) in zip(order, order.dropFirst()) where indices[a] == indices[b] {
            throw MartletError(.invalidOption, "index \(indices[a]) comes twice, expected it once")
        }
        if let first = order.first, indices[first] < 0 {
            throw MartletError(.invalidOption, "index \(indices[first]) is negative")
        }
        self.init(unchecked: order.map { indices[$0] }, order.map { values[$0] })
        self.identity = identity
    }

    /// From weights by dimension, leaving out those that are 0.
    init(_ weights: [Int: Float]) {
        let kept = weights.filter { $0.value != 0 }.sorted { $0.key < $1.key }
        self.init(unchecked: kept.map(\.key), kept.map(\.value))
    }

    /// `indices` must ascend, and be as many as `values`.
    init(unchecked indices: [Int], _ values: [Float]) {
        self.indices = indices
        self.values = values
    }

    /// Number of dimensions that are not 0.
    public var count: Int { indices.count }

    /// The dot product. Added up in the order of the indices.
    /// - Throws: ``MartletError/Code/differentSpaces`` if the two cannot be compared.
    public func dot(_ other: SparseEmbedding) throws(MartletError) -> Float {
        try ModelIdentity.requireSameSpace(identity, other.identity)
        var (a, b, sum) = (0, 0, Float(0))
        while a < count, b < other.count {
            if indices[a] == other.indices[b] {
                sum += values[a] * other.values[b]
                a += 1
                b += 1
            } else if indices[a] < other.indices[b] {
                a += 1
            } else {
                b += 1
            }
        }
        return sum
    }

    /// The length of the vector.
    public var norm: Float { Float(values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()) }

    /// The cosine of the angle to another vector; 0 if one of them is zero.
    /// - Throws: ``MartletError/Code/differentSpaces`` if the two cannot be compared.
    public func cosineSimilarity(to other: SparseEmbedding) throws(MartletError) -> Float {
        let (product, length) = (try dot(other), norm * other.norm)
        return length > 0 ? product / length : 0
    }

    /// The `limit` dimensions with the largest magnitudes, the lower index first among equals: what
    /// sentence-transformers calls `max_active_dims`.
    public func largest(_ limit: Int) -> SparseEmbedding {
        guard count > limit else { return self }
        let order = indices.indices.sorted { a, b in
            let (x, y) = (abs(values[a]), abs(values[b]))
            return x != y ? x > y : a < b
        }
        let kept = order.prefix(max(0, limit)).sorted()
        var largest = SparseEmbedding(unchecked: kept.map { indices[$0] }, kept.map { values[$0] })
        largest.identity = identity
        return largest
    }

    var isFinite: Bool { values.allSatisfy(\.isFinite) }
}

extension SparseEmbedding: CustomStringConvertible {
    /// The number of dimensions that are not 0 and the largest of them.
    public var description: String {
        let head = largest(3)
        let text = zip(head.indices, head.values).map { "\($0): \($1)" }.joined(separator: ", ")
        return "SparseEmbedding(\(count): [\(text)\(count > 3 ? ", …" : "")])"
    }
}

extension SparseEmbedding: Hashable {
    /// Whether both have the same numbers at the same dimensions.
    public static func == (first: SparseEmbedding, second: SparseEmbedding) -> Bool {
        first.indices == second.indices && first.values == second.values
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(indices)
        hasher.combine(values)
    }
}

extension SparseEmbedding: Codable {
    private enum CodingKeys: String, CodingKey { case indices, values, identity }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            indices: try container.decode([Int].self, forKey: .indices),
            values: try container.decode([Float].self, forKey: .values),
            identity: try container.decodeIfPresent(ModelIdentity.self, forKey: .identity))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(indices, forKey: .indices)
        try container.encode(values, forKey: .values)
        try container.encodeIfPresent(identity, forKey: .identity)
    }
}
