/// The sparse vectors of a batch of texts, in the order of the texts.
public struct SparseEmbeddings: Sendable, Hashable {
    let vectors: [SparseEmbedding]
    /// What it took to compute them.
    public let usage: Usage

    init(_ vectors: [SparseEmbedding], usage: Usage) {
        self.vectors = vectors
        self.usage = usage
    }
}

extension SparseEmbeddings: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { vectors.count }
    /// The vector of the text at `index`, from 0.
    public subscript(index: Int) -> SparseEmbedding { vectors[index] }
}
