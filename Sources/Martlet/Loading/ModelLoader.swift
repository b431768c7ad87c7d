internal import MartletCompute
internal import MartletJSON
internal import MartletModels
internal import MartletSystem
internal import MartletTokenizers
internal import MartletWeights

/// A model's parts, read and checked against each other.
struct ModelParts {
    let files: ModelFiles
    let encoder: any Encoder
    let tokenizer: Tokenizer
    let pipeline: PipelineDescription
    let info: ModelInfo
}

/// What a model was read from, for the heads that stand on its encoder.
struct ModelFiles {
    /// The encoder's folder and its config.json; nil for a GGUF file.
    var folder: (place: ModelFolder, configuration: ConfigFile)?
    /// The model's folder, which the encoder's may lie in.
    var root: ModelFolder?
    let weights: any WeightSource
    let weightFile: String
    /// Values of a hidden state, as the encoder gives them.
    var hiddenSize = 0
}

/// Reads a model folder or a GGUF file and builds the engine that runs it.
struct ModelLoader {
    let configuration: ModelConfiguration
    /// Hears of the encoder's building, and can end it.
    let observer: LoadObserver

    init(_ configuration: ModelConfiguration, observer: LoadObserver = .none) {
        self.configuration = configuration
        self.observer = observer
    }

    func load(_ source: ModelSource) throws(MartletError) -> Engine {
        try load(source) { (_, _) throws(MartletError) in }.engine
    }

    /// What a model is loaded for: it decides which of its files are read, and which are refused.
    enum Purpose: Equatable {
        case vectors, scores
        /// A head that takes the place of pooling, over the encoder of that folder; `task` is
        /// sentence-transformers' name of what it does.
        case head(encoderFolder: String, task: String)
    }

    /// The engine of a model, and what `head` makes of its files beside the encoder.
    func load<Head>(
        _ source: ModelSource, for purpose: Purpose = .vectors,
        head: (ModelFiles, Kernels) throws(MartletError) -> Head
    ) throws(MartletError) -> (engine: Engine, head: Head) {
        let hardware = try hardware()
        if let task = configuration.task, purpose != .vectors || !source.isFolder {
            throw MartletError(
                .invalidOption,
                "task \(task.quotedForMessage): this model has no adapters for tasks; drop it, or name the folder of a model that has"
            )
        }
        let found =
            switch source.place {
            case .path(let path) where ModelFolder(path: path).isFolder:
                try folder(ModelFolder(path: path), purpose, hardware, source.published)
            case .path(let path): try file(path, purpose, hardware)
            case .memory(let region, let name):
                try gguf(
                    wrapping { () throws(WeightError) in try GGUFFile(region: region, name: name) }, path: "",
                    purpose, hardware)
            }
        let model = source.published.map { found.completed(by: $0) } ?? found
        var files = model.files
        files.hiddenSize = model.encoder.shape.hiddenSize
        return (try engine(model, hardware), try head(files, hardware.kernels))
    }

    private func file(_ path: String, _ purpose: Purpose, _ hardware: Hardware) throws(MartletError)
        -> ModelParts
    {
        try gguf(ModelManifest.gguf(at: path), path: path, purpose, hardware)
    }

    private func gguf(_ file: GGUFFile, path: String, _ purpose: Purpose, _ hardware: Hardware)
        throws(MartletError) -> ModelParts
    {
        let name = file.location
        let architecture = file.metadata.string("general.architecture") ?? ""
        try MetadataKinds(metadata: file.metadata, file: name).check(architecture: architecture)
        try MetadataMembers.check(file.metadata, architecture: architecture, file: name)
        let tokenizer = hardware.beside { () throws(MartletError) in
            try TokenizerFiles.tokenizer(gguf: file.metadata, file: name)
        }
        let encoder = try wrapping { () throws(ModelError) in
            try ArchitectureRegistry.encoder(gguf: file, file: name, hardware.build(try? tokenizer.value()))
        }
        var pipeline =
            switch purpose {
            case .vectors, .head:
                try PipelineDescription(
                    metadata: file.metadata, architecture: encoder.shape.architecture, weights: file,
                    file: name,
                    pooling: configuration.pooling)
            case .scores: try PipelineDescription(scoresOf: file.metadata, file: name)
            }
        if pipeline.pooling.contains(.last), purpose == .vectors,
            try tokenizer.value().specialTokens.after.isEmpty
        {
            pipeline.notes.append(
                "The file adds no token after a text (tokenizer.ggml.add_eos_token), and the vector is that of a text's last token: models of this "
                    + "kind are trained to end a text with an end token.")
        }
        let title = file.metadata.string("general.name") ?? lastComponent(name)
        let files = ModelFiles(weights: file, weightFile: name)
        return try assemble(encoder, tokenizer.value(), pipeline, files, name: title, path: path, hardware)
    }

    /// - Parameters:
    ///   - route: The route of a `Router` whose modules are read.
    ///   - shared: A model of the same folder, whose encoder is taken where it is the same.
    func folder(
        _ folder: ModelFolder, _ purpose: Purpose, _ hardware: Hardware, _ published: PublishedFacts?,
        route: String? = nil, sharing shared: [ModelParts] = []
    ) throws(MartletError) -> ModelParts {
        var pipeline =
            switch purpose {
            case .vectors where route != nil:
                try PipelineDescription(
                    FolderConfiguration(folder, route: route), pooling: configuration.pooling)
            case .vectors: try description(of: folder, published)
            case .scores: try PipelineDescription(scoresOf: folder)
            case .head(let encoderFolder, let task):
                try PipelineDescription(headIn: folder, encoderFolder: encoderFolder, task: task)
            }
        let inner =
            pipeline.encoderFolder.isEmpty
            ? folder : ModelFolder(path: folder.path(of: pipeline.encoderFolder))
        if pipeline.tokens != nil {
            if let task = configuration.task {
                throw MartletError(
                    .invalidOption,
                    "task \(task.quotedForMessage): this model has no adapters for tasks; drop the task",
                    file: folder.path)
            }
            let (encoder, tokenizer, files) = try Self.staticParts(inner, folder, &pipeline)
            return try assemble(
                encoder, tokenizer, pipeline, files, name: lastComponent(folder.path), path: folder.path,
                hardware)
        }
        let same = shared.first {
            $0.pipeline.tokens == nil && $0.pipeline.encoderFolder == pipeline.encoderFolder
        }
        if let same {
            return try assemble(
                same.encoder, same.tokenizer, pipeline, same.files, name: lastComponent(folder.path),
                path: folder.path, hardware)
        }
        let read = try FolderConfiguration(folder, encoderFolder: pipeline.encoderFolder)
        let config = try read.requireEncoder()
        if let task = configuration.task { try config.require(task: task) }
        var adapter = try adapter(read, config)
        adapter?.hasUnreadPooler = purpose == .vectors
        let weightFile = try Self.weights(in: read.base ?? inner)
        let source = try wrapping { () throws(WeightError) in
            try WeightSources.open(path: weightFile, configuration: .object(config.object), file: config.path)
        }
        let tokenizerFolder = read.tokenizerPlace
        try TokenizerFiles.require(in: tokenizerFolder)
        let tokenizer = hardware.beside { () throws(MartletError) in
            try TokenizerFiles.tokenizer(folder: tokenizerFolder, config: read.tokenizer, encoder: config)
        }
        let encoder = try wrapping { () throws(ModelError) in
            try ArchitectureRegistry.encoder(
                configuration: .object(config.object), file: config.path, weights: source,
                weightFile: weightFile,
                hardware.build(
                    try? tokenizer.value(), task: config.hasStackedAdapters ? configuration.task : nil,
                    otherTensors: read.otherTensors, adapter: adapter))
        }
        if purpose == .vectors { try pipeline.addPublishedProjection(config, source) }
        if let note = config.adapterNote(configuration.task) { pipeline.notes.append(note) }
        if adapter != nil, configuration.task == nil {
            pipeline.notes.append("The folder's adapter (adapter_config.json) is added to the weights.")
        }
        if let task = configuration.task { pipeline.prompts = config.prompts(pipeline.prompts, of: task) }
        // As sentence-transformers limits classifiers.
        if purpose == .scores {
            pipeline.maxTokens = pipeline.maxTokens.map { min($0, encoder.shape.maxPositions) }
        }
        let files = ModelFiles(folder: (inner, config), root: folder, weights: source, weightFile: weightFile)
        return try assemble(
            encoder, tokenizer.value(), pipeline, files, name: lastComponent(folder.path), path: folder.path,
            hardware)
    }

    /// transformers loads such a tokenizer, too, and fails at a text that contains one of the tokens.
    static func noteOfTokensWithoutRows(_ tokens: [String]) -> String? {
        guard let first = tokens.first else { return nil }
        let others = tokens.count > 1 ? " and \(tokens.count - 1) more" : ""
        return
            "The embedding table has no row for the added token \(first.quotedForMessage)\(others); in a text it is read as other characters are."
    }

    func assemble(
        _ encoder: any Encoder, _ tokenizer: Tokenizer, _ pipeline: PipelineDescription, _ files: ModelFiles,
        name: String,
        path: String, _ hardware: Hardware
    ) throws(MartletError) -> ModelParts {
        let shape = encoder.shape
        let place = path.isEmpty ? name : path
        var pipeline = pipeline
        let (known, dropped) = tokenizer.keepingAdded(below: shape.vocabularySize)
        if let note = Self.noteOfTokensWithoutRows(dropped) { pipeline.notes.append(note) }
        let tokenizer = pipeline.lowercases ? known.lowercasing() : known
        guard tokenizer.idBound <= shape.vocabularySize else {
            throw MartletError(
                .invalidModel,
                "\(place): the tokenizer has ids up to \(tokenizer.idBound - 1), but the embedding table only \(shape.vocabularySize) rows",
                file: place)
        }
        guard !tokenizer.hasTypes else {
            throw MartletError(
                .unsupportedModel,
                "\(place): the tokenizer gives a single text token types other than 0, which is not supported",
                file: place
            )
        }
        if let limit = configuration.maxTokens,
            limit < tokenizer.specialTokenCount || limit > shape.maxPositions
        {
            throw MartletError(
                .invalidOption,
                "at most \(limit) tokens: this model takes \(tokenizer.specialTokenCount) to \(shape.maxPositions)"
            )
        }
        // As sentence-transformers resolves it: no text has more tokens than the encoder has positions.
        if let limit = pipeline.maxTokens, limit > shape.maxPositions {
            pipeline.maxTokens = shape.maxPositions
            pipeline.notes.append(
                "The files allow \(limit) tokens, but the encoder has \(shape.maxPositions) positions; the limit is \(shape.maxPositions)."
            )
        }
        let limit = configuration.maxTokens ?? pipeline.maxTokens ?? shape.maxPositions
        guard tokenizer.specialTokenCount <= limit else {
            throw MartletError(
                .invalidModel,
                "\(place): the limit of \(limit) tokens is below the \(tokenizer.specialTokenCount) special tokens that each text has",
                file: place)
        }
        guard try pipeline.dimensions(hiddenSize: shape.hiddenSize) > 0 else {
            throw MartletError(.invalidModel, "\(place): the last dense module has no outputs", file: place)
        }
        var info = ModelInfo()
        info.name = name
        info.path = path
        info.architecture = shape.architecture
        info.layers = shape.layers
        info.hiddenSize = shape.hiddenSize
        info.heads = shape.heads
        info.intermediateSize = shape.intermediateSize
        info.vocabularySize = shape.vocabularySize
        info.parameters = shape.parameters
        info.weightType = prevailingType(files.weights)
        info.maxTokens = limit
        info.pooling = pipeline.pooling.map(\.pooling)
        let post = try PostProcessing(pipeline, hiddenSize: shape.hiddenSize)
        (info.normalizes, info.dimensions) = (post.normalizes, post.dimensions)
        let most = try pipeline.dimensions(hiddenSize: shape.hiddenSize)
        if most > post.dimensions { info.mostDimensions = most }
        info.prompts = pipeline.prompts.dictionary
        info.defaultPromptName = pipeline.prompts.defaultName
        info.similarity = pipeline.similarity
        info.tokenizer = tokenizer.kind
        info.precision = pipeline.tokens == nil ? hardware.precision.rawValue : ComputePrecision.f32.rawValue
        info.instructionSet = hardware.kernels.name
        info.threads = hardware.pool.width
        info.notes = pipeline.notes
        info.tasks = files.folder?.configuration.tasks ?? []
        info.task = configuration.task
        info.pipeline = "\(tokenizer.kind) → \(info.encoderText) → \(pipeline)"
        return ModelParts(
            files: files, encoder: encoder, tokenizer: tokenizer, pipeline: pipeline, info: info)
    }

    /// The element type that holds the most weights.
    private func prevailingType(_ source: any WeightSource) -> String {
        var counts: [ElementType: Int] = [:]
        for name in source.tensorNames {
            guard let (type, count) = source.elements(of: name) else { continue }
            counts[type, default: 0] += count
        }
        return counts.max { $0.value < $1.value }?.key.rawValue ?? "none"
    }

    func lastComponent(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
}
