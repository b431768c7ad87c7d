/// The vectors of a batch of texts, in the order of the texts, in one block of memory.
public struct Embeddings: EmbeddingBatch {
    /// Row-major: `count` × ``dimensions`` numbers.
    public private(set) var floats: [Float]
    /// Number of dimensions of each vector.
    public private(set) var dimensions: Int
    /// Number of vectors.
    public private(set) var count: Int
    /// What it took to compute them; zeros for vectors from elsewhere.
    public private(set) var usage: Usage
    /// Which model made them; nil for vectors from elsewhere.
    public internal(set) var identity: ModelIdentity?

    /// Vectors from a row-major block.
    /// - Parameters:
    ///   - floats: One vector after the other.
    ///   - dimensions: The length of each vector, at least 1.
    ///   - usage: What it took to compute them.
    ///   - identity: Which model made them; nil: not known, and taken on trust where they are compared.
    /// - Throws: ``MartletError/Code/invalidOption`` if `floats` is not a whole number of vectors.
    public init(
        floats: [Float], dimensions: Int, usage: Usage = Usage(), identity: ModelIdentity? = nil
    ) throws(MartletError) {
        guard dimensions > 0, floats.count.isMultiple(of: dimensions) else {
            throw MartletError(
                .invalidOption,
                "\(floats.count) numbers are not a whole number of vectors of \(dimensions) dimensions")
        }
        self.init(
            unchecked: floats, count: floats.count / dimensions, dimensions: dimensions, usage: usage,
            identity: identity)
    }

    /// Vectors of one length.
    /// - Parameter vectors: All with the same number of dimensions; none gives an empty block of 0
    ///   dimensions.
    /// - Throws: ``MartletError/Code/dimensionMismatch`` or ``MartletError/Code/differentSpaces`` with the
    ///   index of the first vector of another length or space.
    public init(_ vectors: [Embedding]) throws(MartletError) {
        var identity: ModelIdentity?
        let dimensions = vectors.first?.count ?? 0
        var floats: [Float] = []
        floats.reserveCapacity(vectors.count * dimensions)
        for (index, vector) in vectors.enumerated() {
            guard vector.count == dimensions else {
                throw MartletError(
                    .dimensionMismatch,
                    "vector \(index) has \(vector.count) dimensions, the ones before it have \(dimensions)",
                    inputIndex: index)
            }
            do throws(MartletError) {
                try ModelIdentity.requireSameSpace(identity, vector.identity)
            } catch {
                throw MartletError(error.code, "vector \(index): \(error.message)", inputIndex: index)
            }
            identity = identity ?? vector.identity
            floats.append(contentsOf: vector)
        }
        self.init(
            unchecked: floats, count: vectors.count, dimensions: dimensions, usage: Usage(),
            identity: identity)
    }

    /// `floats.count` must be `count` × `dimensions`.
    package init(
        unchecked floats: [Float], count: Int, dimensions: Int, usage: Usage, identity: ModelIdentity? = nil
    ) {
        self.identity = identity
        self.floats = floats
        self.count = count
        self.dimensions = dimensions
        self.usage = usage
    }
}

extension Embeddings: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { count }
    /// The vector of the text at `index`, from 0. It shares this block's memory.
    public subscript(index: Int) -> Embedding {
        precondition(index >= 0 && index < count, "vector \(index) of \(count)")
        return Embedding(storage: floats, offset: index * dimensions, count: dimensions, identity: identity)
    }
}

extension Embeddings {
    public mutating func append(contentsOf other: Embeddings) throws(MartletError) {
        try ModelIdentity.requireSameSpace(identity, other.identity)
        if count > 0, other.count > 0, dimensions != other.dimensions {
            throw .differentWidths(dimensions, other.dimensions)
        }
        usage.add(other.usage, before: count)
        if count == 0 { dimensions = other.dimensions }
        identity = identity ?? other.identity
        floats += other.floats
        count += other.count
    }
}

extension Embeddings: Hashable {
    /// Whether both have the same numbers in the same order and took the same. ``identity`` is not compared:
    /// it may be that of another precision.
    public static func == (first: Embeddings, second: Embeddings) -> Bool {
        first.dimensions == second.dimensions && first.count == second.count && first.usage == second.usage
            && first.floats == second.floats
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(dimensions)
        hasher.combine(floats)
    }
}

extension Embeddings: Codable {
    private enum CodingKeys: String, CodingKey { case floats, dimensions, count, usage, identity }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let floats = try container.decode([Float].self, forKey: .floats)
        let (dimensions, count) = (
            try container.decode(Int.self, forKey: .dimensions),
            try container.decode(Int.self, forKey: .count)
        )
        let (product, overflow) = dimensions.multipliedReportingOverflow(by: count)
        guard dimensions >= 0, count >= 0, !overflow, product == floats.count else {
            throw DecodingError.dataCorruptedError(
                forKey: .floats, in: container,
                debugDescription:
                    "\(floats.count) numbers are not \(count) vectors of \(dimensions) dimensions")
        }
        self.init(
            unchecked: floats, count: count, dimensions: dimensions,
            usage: try container.decode(Usage.self, forKey: .usage),
            identity: try container.decodeIfPresent(ModelIdentity.self, forKey: .identity))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(floats, forKey: .floats)
        try container.encode(dimensions, forKey: .dimensions)
        try container.encode(count, forKey: .count)
        try container.encode(usage, forKey: .usage)
        try container.encodeIfPresent(identity, forKey: .identity)
    }
}
