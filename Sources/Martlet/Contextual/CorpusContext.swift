package import MartletModels

/// What a contextual model takes from a corpus: the vectors that its first stage makes of a sample of documents.
///
/// ``ContextualEmbedder/corpus(_:_:)`` makes one. It serves any number of calls, and may be kept: ``vectors`` are all there is to it, and
/// ``ContextualEmbedder/context(of:)`` takes them back.
public struct CorpusContext: Sendable, Hashable {
    /// The first stage's vector of each document of the sample that is used, in order.
    public let vectors: Embeddings
    /// Number of documents of the sample that it was made of.
    public let sampleCount: Int
    /// What stands before every text.
    package let rows: ContextRows

    package init(vectors: Embeddings, sampleCount: Int, rows: ContextRows) {
        self.vectors = vectors
        self.sampleCount = sampleCount
        self.rows = rows
    }
}
