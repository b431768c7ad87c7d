extension EmbeddingKind {
    /// What a model makes of a text, as far as its files say; a model that can do several, as bge-m3, is
    /// dense.
    ///
    /// A folder of a masked language model without `modules.json` is taken for dense: nothing in it says that
    /// it is SPLADE's.
    /// - Throws: ``MartletError`` if a file cannot be read.
    public static func of(_ source: ModelSource) throws(MartletError) -> EmbeddingKind {
        // A path without a model is an error of whoever loads it.
        guard source.isFolder else { return .dense }
        switch try ModelManifest.read(from: source).kind {
        case .sparse: return .sparse
        case .lateInteraction: return .multi
        case .embedder, .reranker, .classifier, .contextual: return .dense
        }
    }
}
