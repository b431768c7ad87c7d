package import MartletModels

/// What a contextual model takes from a corpus: the vectors that its first stage makes of a sample of
/// documents.
///
/// ``ContextualEmbedder/corpus(_:options:)`` makes one. It serves any number of calls, and may be kept:
/// ``vectors`` are all there is to it, and ``ContextualEmbedder/context(of:)`` takes them back.
public struct CorpusContext: Sendable, Hashable {
    /// The first stage's vector of each document of the sample that is used, in order.
    public let vectors: Embeddings
    /// Number of documents of the sample that it was made of.
    public let sampleCount: Int
    /// The rows that precede every text.
    package let rows: ContextRows

    package init(vectors: Embeddings, sampleCount: Int, rows: ContextRows) {
        self.vectors = vectors
        self.sampleCount = sampleCount
        self.rows = rows
    }

    /// "sha256:…" of the vectors: texts read in contexts of different digests have vectors of different
    /// spaces.
    public var digest: String { "sha256:" + vectors.floats.withUnsafeBytes { SHA256.digest(of: $0) } }
}
