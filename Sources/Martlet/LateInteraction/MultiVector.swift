/// The vectors of one text's tokens, for late interaction: two texts are compared token by token.
public struct MultiVector: Sendable, Hashable {
    /// The ids of the tokens that have a vector.
    public let ids: [Int]
    /// One vector for each of ``ids``.
    public let vectors: Embeddings

    /// Vectors of tokens.
    /// - Throws: ``MartletError/Code/invalidOption`` if there are not as many ids as vectors.
    public init(ids: [Int], vectors: Embeddings) throws(MartletError) {
        guard ids.count == vectors.count else {
            throw MartletError(.invalidOption, "\(ids.count) ids and \(vectors.count) vectors, expected as many of each")
        }
        self.init(unchecked: ids, vectors)
    }

    init(unchecked ids: [Int], _ vectors: Embeddings) {
        self.ids = ids
        self.vectors = vectors
    }

    /// Number of vectors.
    public var count: Int { vectors.count }
    /// Number of dimensions of each vector.
    public var dimensions: Int { vectors.dimensions }

    /// How well a document answers this query: for each of the query's vectors the largest dot product with one of the document's, added
    /// up (ColBERT, Khattab and Zaharia 2020). 0 if one of the two has no vectors.
    /// - Parameter document: Vectors of the same number of dimensions; another number is a programmer's error and traps.
    public func maxSim(_ document: MultiVector) -> Float { MaxSim(self).score(document) }
}

/// The token vectors of a batch of texts, in the order of the texts.
public struct MultiVectors: Sendable, Hashable {
    let texts: [MultiVector]
    /// What it took to compute them.
    public let usage: Usage
    /// Number of dimensions of each vector.
    public let dimensions: Int

    init(_ texts: [MultiVector], dimensions: Int, usage: Usage) {
        self.texts = texts
        self.dimensions = dimensions
        self.usage = usage
    }
}

extension MultiVectors: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { texts.count }
    /// The vectors of the text at `index`, from 0.
    public subscript(index: Int) -> MultiVector { texts[index] }
}
