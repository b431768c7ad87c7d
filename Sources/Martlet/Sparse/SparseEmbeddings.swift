/// The sparse vectors of a batch of texts, in the order of the texts.
public struct SparseEmbeddings: EmbeddingBatch, Hashable {
    private var vectors: [SparseEmbedding]
    /// What it took to compute them.
    public private(set) var usage: Usage
    /// Which model made them; nil for vectors from elsewhere.
    public internal(set) var identity: ModelIdentity?

    /// Vectors of your own.
    /// - Parameters:
    ///   - vectors: One for each text.
    ///   - usage: What it took to compute them.
    ///   - identity: Which model made them.
    public init(_ vectors: [SparseEmbedding], usage: Usage = Usage(), identity: ModelIdentity? = nil) {
        self.vectors = vectors
        self.usage = usage
        self.identity = identity
    }

    public mutating func append(contentsOf other: SparseEmbeddings) throws(MartletError) {
        try ModelIdentity.requireSameSpace(identity, other.identity)
        usage.add(other.usage, before: count)
        identity = identity ?? other.identity
        vectors += other.vectors
    }
}

extension SparseEmbeddings: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { vectors.count }
    /// The vector of the text at `index`, from 0.
    public subscript(index: Int) -> SparseEmbedding {
        var vector = vectors[index]
        vector.identity = identity
        return vector
    }
}
