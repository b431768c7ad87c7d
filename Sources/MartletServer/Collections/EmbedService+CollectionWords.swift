#if Server

internal import Martlet
internal import MartletIndex

extension ServedModel {
    /// What collections call this model's sparse vectors. The first call may read the model's files for their
    /// digest.
    func wordsIdentity() throws(ServiceError) -> CollectionIdentity {
        guard let identity = try requireSparseReader().identity else {
            throw ServiceError(
                .wrongModel, "model \(name) has no identity, which collections need", parameter: "words")
        }
        return CollectionIdentity(identity)
    }
}

extension EmbedService {
    /// What a served sparse model is called by collections whose words it weighs.
    func wordsIdentity(of name: String) async throws -> CollectionIdentity {
        try await store.withModel(name, for: .sparse) { model in
            // It may read files: not on the loop that all connections share.
            try await withTaskExecutorPreference(globalConcurrentExecutor) { try model.wordsIdentity() }
        }
    }

    /// Sparse vectors of texts by the model that weighs a collection's words; nil where BM25 does.
    func weights(
        of texts: [String], as role: TextRole, for settings: CollectionSettings, parameter: String,
        _ call: Call
    ) async throws -> [SparseEmbedding]? {
        guard let identity = settings.sparse else { return nil }
        let request = EmbedRequest(
            model: try await sparseModel(identity), inputs: texts.map { .text($0) }, parameter: parameter,
            role: role)
        return try await sparseRows(request, call)
    }

    /// The name of the served model that weighs a collection's words.
    private func sparseModel(_ identity: CollectionIdentity) async throws -> String {
        let known = store.known.filter { $0.product == nil || $0.product == .sparse }
        let likely = known.filter { $0.entry.matches(identity.model) }
        for slot in likely + known where slot.failure == nil {
            let name = slot.entry.name
            let isIts = try await store.withModel(name) { model in
                guard model.product == .sparse else { return false }
                return try await withTaskExecutorPreference(globalConcurrentExecutor) {
                    try model.wordsIdentity() == identity
                }
            }
            if isIts { return name }
        }
        throw ServiceError(
            .conflict,
            "the collection's words are weighed by \(identity.model) (\(identity.fingerprint)), and this server has no such model; serve it, "
                + "or search with \"by\": \"vectors\"")
    }
}

#endif
