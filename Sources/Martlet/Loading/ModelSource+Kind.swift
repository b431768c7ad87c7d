internal import MartletModels
internal import MartletWeights

extension ModelSource {
    /// Whether the model is a folder.
    var isFolder: Bool {
        guard case .path(let path) = place else { return false }
        return ModelFolder(path: path).isFolder
    }

    /// Whether ``Reranker`` loads this model, as far as its files say without being loaded.
    package func isForScores() throws(MartletError) -> Bool {
        guard case .path(let path) = place else { return false }
        if !isFolder, (try? WeightSources.open(path: path) as? GGUFFile) == nil { return false }
        return [.reranker, .classifier].contains(try ModelManifest.read(from: self).kind)
    }

    /// Whether ``ContextualEmbedder`` loads this model, as far as its files say without being loaded.
    package func isContextual() throws(MartletError) -> Bool {
        guard isFolder else { return false }
        return try ModelManifest.read(from: self).kind == .contextual
    }

    /// Whether the weights of a contextual model are those of the two stages that its configuration
    /// describes, as far as their tables of words show; no number is read.
    package func checkContextual() throws(MartletError) {
        guard case .path(let path) = place else { return }
        let folder = ModelFolder(path: path)
        let description = try ContextualDescription(
            folder, folder.requireConfig("config.json", for: "what the model's two stages are"))
        let file = try ModelLoader.weights(in: folder)
        let weights = try wrapping { () throws(WeightError) in try WeightSources.open(path: file) }
        for stage in [description.first, description.second] {
            let blueprint = try description.blueprint(stage)
            try wrapping { () throws(ModelError) in
                try ArchitectureRegistry.check(blueprint, weights: weights, weightFile: file)
            }
        }
    }
}
