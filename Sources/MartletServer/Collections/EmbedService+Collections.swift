#if Server

internal import Martlet
internal import MartletChunking
internal import MartletIndex

extension ServedModel {
    /// What collections call this model's vectors of so many dimensions. The first call may read the model's
    /// files for their digest.
    func collectionIdentity(dimensions: Int?) throws(ServiceError) -> CollectionIdentity {
        let engine = try requireVectors()
        guard let embedder else {
            throw ServiceError(
                .wrongModel, "model \(name) has no identity, which collections need", parameter: "model")
        }
        do throws(MartletError) {
            let post = try engine.postProcessing(EmbedOptions(dimensions: dimensions))
            return CollectionIdentity(post.identity(from: embedder.identity))
        } catch {
            throw ServiceError(error)
        }
    }
}

extension EmbedService {
    /// Vectors of texts by the model that a collection was made with.
    func vectors(
        of texts: [String], as role: TextRole, for settings: CollectionSettings, parameter: String,
        model: String?, _ call: Call
    ) async throws -> EmbedOutcome {
        let name = try await self.model(for: settings, named: model)
        var request = EmbedRequest(
            model: name, inputs: texts.map { .text($0) }, parameter: parameter, role: role)
        request.options = EmbedOptions(dimensions: try await dimensions(for: settings, name))
        let outcome = try await vectors(request, call)
        // Another model may have taken the name since.
        try await check(outcome.model, settings)
        return outcome
    }

    /// Counts tokens as the model of a collection does with documents.
    func tokenCounter(for settings: CollectionSettings) async throws -> ModelTokenCounter {
        try await store.withModel(try await model(for: settings, named: nil)) { model in
            guard let embedder = model.embedder else {
                throw ServiceError(.wrongModel, "model \(model.name) cannot count the tokens of chunks")
            }
            return try embedder.tokenCounter(as: .document)
        }
    }

    /// The name of the served model whose vectors a collection holds.
    /// - Parameter given: The model that the request names; nil: any.
    private func model(for settings: CollectionSettings, named given: String?) async throws -> String {
        if let given {
            try await store.withModel(given, for: .vectors) { try await check($0, settings) }
            return given
        }
        let known = store.known.filter { $0.product == nil || $0.product == .vectors }
        let likely = known.filter { $0.entry.matches(settings.identity.model) }
        for slot in likely + known where slot.failure == nil {
            let name = slot.entry.name
            let isIts = try await store.withModel(name) { model in
                guard model.product == .vectors else { return false }
                return try await fits(model, settings)
            }
            if isIts { return name }
        }
        let identity = settings.identity
        throw ServiceError(
            .conflict,
            "the collection holds vectors of \(identity.model) (\(identity.fingerprint)), and this server has no such model; serve it, or index "
                + "the texts again with another model")
    }

    private func fits(_ model: ServedModel, _ settings: CollectionSettings) async throws -> Bool {
        // It may read files: not on the loop that all connections share.
        try await withTaskExecutorPreference(globalConcurrentExecutor) {
            let dimensions = model.info.dimensions
            guard settings.dimensions <= dimensions else { return false }
            let cut = settings.dimensions == dimensions ? nil : settings.dimensions
            return try model.collectionIdentity(dimensions: cut) == settings.identity
        }
    }

    private func check(_ model: ServedModel, _ settings: CollectionSettings) async throws {
        guard try await !fits(model, settings) else { return }
        throw ServiceError(
            .conflict,
            "the collection holds vectors of \(settings.identity.model) (\(settings.identity.fingerprint)), and model \(model.name) makes "
                + "others; name the first model, or index the texts again", parameter: "model")
    }

    /// The option that gives vectors of the collection's width; nil where they have it by themselves.
    private func dimensions(for settings: CollectionSettings, _ name: String) async throws -> Int? {
        try await store.withModel(name) {
            $0.info.dimensions == settings.dimensions ? nil : settings.dimensions
        }
    }
}

#endif
