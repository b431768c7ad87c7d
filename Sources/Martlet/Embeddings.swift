/// The vectors of a batch of texts, in the order of the texts, in one block of memory.
public struct Embeddings: Sendable, Hashable {
    /// Row-major: `count` × ``dimensions`` numbers.
    public let floats: [Float]
    /// Number of dimensions of each vector.
    public let dimensions: Int
    /// Number of vectors.
    public let count: Int
    /// What it took to compute them; zeros for vectors from elsewhere.
    public let usage: Usage

    /// Vectors from a row-major block.
    /// - Parameters:
    ///   - floats: One vector after the other.
    ///   - dimensions: The length of each vector, at least 1.
    ///   - usage: What it took to compute them.
    /// - Throws: ``MartletError/Code/invalidOption`` if `floats` is not a whole number of vectors.
    public init(floats: [Float], dimensions: Int, usage: Usage = Usage()) throws(MartletError) {
        guard dimensions > 0, floats.count.isMultiple(of: dimensions) else {
            throw MartletError(
                .invalidOption, "\(floats.count) numbers are not a whole number of vectors of \(dimensions) dimensions")
        }
        self.init(unchecked: floats, count: floats.count / dimensions, dimensions: dimensions, usage: usage)
    }

    /// Vectors of one length.
    /// - Parameter vectors: All with the same number of dimensions; none gives an empty block of 0 dimensions.
    /// - Throws: ``MartletError/Code/invalidOption`` with the index of the first vector of another length.
    public init(_ vectors: [Embedding]) throws(MartletError) {
        let dimensions = vectors.first?.count ?? 0
        var floats: [Float] = []
        floats.reserveCapacity(vectors.count * dimensions)
        for (index, vector) in vectors.enumerated() {
            guard vector.count == dimensions else {
                throw MartletError(
                    .invalidOption, "vector \(index) has \(vector.count) dimensions, the ones before it have \(dimensions)",
                    inputIndex: index)
            }
            floats.append(contentsOf: vector)
        }
        self.init(unchecked: floats, count: vectors.count, dimensions: dimensions, usage: Usage())
    }

    /// `floats.count` must be `count` × `dimensions`.
    package init(unchecked floats: [Float], count: Int, dimensions: Int, usage: Usage) {
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
        return Embedding(storage: floats, offset: index * dimensions, count: dimensions)
    }
}
