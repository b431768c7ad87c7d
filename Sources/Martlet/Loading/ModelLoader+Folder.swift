internal import MartletCompute
internal import MartletModels
internal import MartletSystem

extension ModelLoader {
    /// The weight file of a folder.
    static func weights(in folder: ModelFolder) throws(MartletError) -> String {
        let name = try ModelFileNames.weights(folder.contains) { () throws(MartletError) in
            try folder.map(ModelFileNames.torch)?.region.withUnsafeBytes { ModelFileNames.isZip($0) } ?? false
        }
        guard let name else {
            throw MartletError(
                .missingFile, "\(folder.path) has none of \(ModelFileNames.weights.joined(separator: ", "))",
                file: folder.path)
        }
        return folder.path(of: name)
    }

    /// The adapter that is added to the weights: the folder's own, or that of a task in a folder of its own.
    func adapter(_ read: FolderConfiguration, _ config: ConfigFile) throws(MartletError) -> LowRankAdapter? {
        guard !config.hasStackedAdapters, !config.tasks.isEmpty else {
            return try read.adapter?.load(read.encoderPlace)
        }
        guard let task = configuration.task else {
            throw MartletError(
                .invalidOption,
                "\(config.path): the model has an adapter for each task and is not meant to run without; choose one of \(config.tasks.joined(separator: ", "))",
                file: config.path, remedy: .chooseTask(config.tasks))
        }
        let place = ModelFolder(path: read.encoderPlace.path(of: "adapters/" + task))
        let file = try place.requireConfig(AdapterConfiguration.fileName, for: "how an adapter is added")
        return try AdapterConfiguration(file).load(place)
    }

    /// A folder without modules, as an ONNX export often is, does not say how to pool; what is published of
    /// the model does.
    func description(of folder: ModelFolder, _ published: PublishedFacts?) throws(MartletError)
        -> PipelineDescription
    {
        guard configuration.pooling == .native, let facts = published, let pooling = facts.pooling,
            !folder.contains("modules.json")
        else {
            return try PipelineDescription(folder: folder, pooling: configuration.pooling)
        }
        var description = try PipelineDescription(folder: folder, pooling: pooling)
        if description.tokens == nil {
            description.notes.append(
                "the files do not say how token vectors become one; \(pooling.rawValue) is the published pooling of \(facts.name)"
            )
        }
        return description
    }
}
