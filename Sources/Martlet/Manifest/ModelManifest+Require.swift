extension ModelManifest {
    /// An error that says what the model makes and what loads it, unless it makes one of `wanted`.
    /// - Parameter place: The path of the folder or the file, for the message.
    func require(_ wanted: ModelKind..., at place: String) throws(MartletError) {
        guard !kinds.contains(where: wanted.contains) else { return }
        throw MartletError(
            .unsupportedModel, "\(place) \(kind.makes); use \(kind.typeName)", file: place,
            remedy: .loadAs(kind))
    }
}

extension ModelKind {
    /// What a model of the kind does, after its name in a message.
    fileprivate var makes: String {
        switch self {
        case .embedder: "makes one vector of a text"
        case .reranker: "scores texts and has no vectors"
        case .classifier: "gives texts labels and has no vectors"
        case .sparse: "makes sparse vectors"
        case .lateInteraction: "makes a vector for each token"
        case .contextual: "embeds texts in the context of a corpus and needs a sample of it"
        }
    }

    /// The type of the library that loads a model of the kind.
    fileprivate var typeName: String {
        switch self {
        case .embedder: "Embedder"
        case .reranker, .classifier: "Reranker"
        case .sparse: "SparseEmbedder"
        case .lateInteraction: "MultiVectorEmbedder"
        case .contextual: "ContextualEmbedder"
        }
    }
}
