/// The token vectors of a batch of texts, in the order of the texts.
public struct MultiVectorEmbeddings: EmbeddingBatch, Hashable {
    private var texts: [MultiVectorEmbedding]
    /// What it took to compute them.
    public private(set) var usage: Usage
    /// Number of dimensions of each vector.
    public private(set) var dimensions: Int
    /// Which model made them; nil for vectors from elsewhere.
    public internal(set) var identity: ModelIdentity?

    /// Vectors of your own.
    /// - Parameters:
    ///   - texts: The vectors of each text.
    ///   - dimensions: Of each vector.
    ///   - usage: What it took to compute them.
    ///   - identity: Which model made them.
    /// - Throws: ``MartletError/Code/dimensionMismatch`` with the index of the first text whose vectors have
    ///   another number of dimensions.
    public init(
        _ texts: [MultiVectorEmbedding], dimensions: Int, usage: Usage = Usage(),
        identity: ModelIdentity? = nil
    ) throws(MartletError) {
        if let index = texts.firstIndex(where: { $0.count > 0 && $0.dimensions != dimensions }) {
            throw .differentWidths(texts[index].dimensions, dimensions, index: index)
        }
        self.init(unchecked: texts, dimensions: dimensions, usage: usage)
        self.identity = identity
    }

    init(unchecked texts: [MultiVectorEmbedding], dimensions: Int, usage: Usage) {
        self.texts = texts
        self.dimensions = dimensions
        self.usage = usage
    }

    public mutating func append(contentsOf other: MultiVectorEmbeddings) throws(MartletError) {
        try ModelIdentity.requireSameSpace(identity, other.identity)
        if count > 0, other.count > 0, dimensions != other.dimensions {
            throw .differentWidths(dimensions, other.dimensions)
        }
        usage.add(other.usage, before: count)
        if count == 0 { dimensions = other.dimensions }
        identity = identity ?? other.identity
        texts += other.texts
    }
}

extension MultiVectorEmbeddings: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { texts.count }
    /// The vectors of the text at `index`, from 0.
    public subscript(index: Int) -> MultiVectorEmbedding {
        var text = texts[index]
        text.vectors.identity = identity
        return text
    }
}
