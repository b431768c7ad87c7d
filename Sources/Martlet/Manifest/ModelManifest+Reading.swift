internal import MartletSystem
internal import MartletWeights

extension ModelManifest {
    /// Reads what the files of a model say.
    /// - Throws: ``MartletError`` if there is no model at the path, or a configuration is malformed or asks
    ///   for something that is not supported.
    public static func read(from source: ModelSource) throws(MartletError) -> ModelManifest {
        switch source.place {
        case .memory(let region, let name):
            return try ModelManifest(
                wrapping { () throws(WeightError) in try GGUFFile(region: region, name: name) }, file: name)
        case .path(let path):
            let folder = ModelFolder(path: path)
            if folder.isFolder { return try ModelManifest(FolderConfiguration(folder)) }
            return try ModelManifest(gguf(at: path), file: path)
        }
    }

    /// The GGUF file at a path.
    static func gguf(at path: String) throws(MartletError) -> GGUFFile {
        guard access(path, F_OK) == 0 else {
            throw MartletError(
                .missingFile, "there is no model at \(path); pass a model folder or a GGUF file", file: path)
        }
        let source = try wrapping { () throws(WeightError) in try WeightSources.open(path: path) }
        guard let file = source as? GGUFFile else {
            throw MartletError(
                .invalidModel,
                "\(path) holds weights alone; pass its folder, with config.json and the tokenizer, or a GGUF file",
                file: path)
        }
        return file
    }
}
