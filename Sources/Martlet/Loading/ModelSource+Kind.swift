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
        let folder = ModelFolder(path: path)
        if folder.isFolder { return try ModelForm(folder: folder).isForScores }
        guard let file = try? WeightSources.open(path: path) as? GGUFFile else { return false }
        return PipelineKeys.isRanked(file.metadata)
    }

    /// Whether ``ContextualEmbedder`` loads this model, as far as its files say without being loaded.
    package func isContextual() throws(MartletError) -> Bool {
        guard case .path(let path) = place, ModelFolder(path: path).isFolder else { return false }
        return try ContextualDescription.describes(ModelFolder(path: path))
    }
}
