internal import MartletJSON

extension EmbeddingKind {
    /// What a model makes of a text, as far as its files say; a model that can do several, as bge-m3, is dense.
    ///
    /// A folder of a masked language model without `modules.json` is not known to be SPLADE's, and taken for dense.
    /// - Throws: ``MartletError`` if a file cannot be read.
    public static func of(_ source: ModelSource) throws(MartletError) -> EmbeddingKind {
        guard case .path(let path) = source.place else { return .dense }
        let folder = ModelFolder(path: path)
        guard folder.isFolder else { return .dense }
        switch try folder.config("config_sentence_transformers.json")?.string("model_type") {
        case "SparseEncoder": return .sparse
        case "MultiVectorEncoder", "ColBERT": return .multi
        default: break
        }
        guard let modules = try SparseModules.list(folder) else {
            let architectures = try folder.config("config.json")?["architectures"]?.array ?? []
            return architectures.contains { $0.string == "HF_ColBERT" } ? .multi : .dense
        }
        let names = modules.map(\.name)
        if names.contains("SpladePooling") || names.contains("SparseStaticEmbedding") { return .sparse }
        return names.contains("MultiVectorMask") || modules.contains { $0.type.hasPrefix("pylate.") } ? .multi : .dense
    }
}
