/// What a collection is made with, for good.
public struct CollectionSettings: Sendable, Hashable {
    /// The model of the vectors.
    public var identity: CollectionIdentity
    /// Numbers of a vector.
    public var dimensions: Int
    /// How near two vectors are.
    public var similarity: VectorSimilarity
    /// The numbers that rows are kept in for the second, exact scoring.
    public var store: VectorStore
    /// The parameters of BM25.
    public var bm25: BM25Settings
    /// The language whose word endings are removed.
    public var language: WordLanguage
    /// The sparse model that weighs words: SPLADE, bge-m3, BM42. nil: BM25 counts them.
    public var sparse: CollectionIdentity?
    /// How texts were cut into records, for people and for later runs; nil if they were not.
    public var chunker: String?
    /// Types of fields that are known from the start. Others follow from the first value.
    public var fields: FieldSchema

    /// Settings of a new collection; they stay as they are.
    public init(
        identity: CollectionIdentity, dimensions: Int, similarity: VectorSimilarity = .cosine,
        store: VectorStore = .f16,
        bm25: BM25Settings = BM25Settings(), language: WordLanguage = .english,
        sparse: CollectionIdentity? = nil, chunker: String? = nil,
        fields: FieldSchema = FieldSchema()
    ) {
        self.identity = identity
        self.dimensions = dimensions
        self.similarity = similarity
        self.store = store
        self.bm25 = bm25
        self.language = language
        self.sparse = sparse
        self.chunker = chunker
        self.fields = fields
    }

    func check() throws(IndexError) {
        guard (1...4096).contains(dimensions) else {
            throw IndexError(
                .invalidOption, "a collection has vectors of 1 to 4096 dimensions, not \(dimensions)")
        }
        guard bm25.k.isFinite, bm25.k >= 0, bm25.b >= 0, bm25.b <= 1 else {
            throw IndexError(
                .invalidOption, "BM25 with k \(bm25.k) and b \(bm25.b): expected k from 0, and b from 0 to 1")
        }
    }
}
