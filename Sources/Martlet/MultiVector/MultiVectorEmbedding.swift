/// The vectors of one text's tokens, for late interaction: two texts are compared token by token.
public struct MultiVectorEmbedding: Sendable, Hashable {
    /// The ids of the tokens that have a vector.
    public let ids: [Int]
    /// One vector for each of ``ids``.
    public internal(set) var vectors: Embeddings

    /// Vectors of tokens.
    /// - Throws: ``MartletError/Code/invalidOption`` if there are not as many ids as vectors.
    public init(ids: [Int], vectors: Embeddings) throws(MartletError) {
        guard ids.count == vectors.count else {
            throw MartletError(
                .invalidOption, "\(ids.count) ids and \(vectors.count) vectors, expected as many of each")
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

    /// How well a document answers this query: for each of the query's vectors the largest dot product with
    /// one of the document's, added up (ColBERT, Khattab and Zaharia 2020). 0 if one of the two has no
    /// vectors.
    /// - Throws: ``MartletError/Code/differentSpaces`` or ``MartletError/Code/dimensionMismatch`` if the two
    ///   cannot be compared.
    public func maxSim(_ document: MultiVectorEmbedding) throws(MartletError) -> Float {
        try ModelIdentity.requireSameSpace(vectors.identity, document.vectors.identity)
        return try MaxSim(self).score(document)
    }
}

extension MultiVectorEmbedding: Codable {
    private enum CodingKeys: String, CodingKey { case ids, vectors }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            ids: try container.decode([Int].self, forKey: .ids),
            vectors: try container.decode(Embeddings.self, forKey: .vectors))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(ids, forKey: .ids)
        try container.encode(vectors, forKey: .vectors)
    }
}
