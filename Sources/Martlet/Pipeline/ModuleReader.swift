internal import MartletModels
internal import MartletJSON
internal import MartletWeights

/// Reads the modules of a dense model in order: the encoder, pooling, then any of dense, layer norm and
/// normalise.
struct ModuleReader {
    let folder: ModelFolder
    /// The path of modules.json, for messages.
    let file: String
    private var encoderFolder: String?
    private var pooling: [PoolingMode]?
    private var includePrompt = true
    private var isStatic = false
    private var stages: [PipelineDescription.Stage] = []

    init(_ files: FolderConfiguration) {
        folder = files.folder
        file = files.folder.path(of: "modules.json")
    }

    mutating func read(_ module: ModelModule, at index: Int) throws(MartletError) {
        let (type, path) = (module.type, module.path)
        var name = module.name
        // The module of jina-embeddings-v3 and v5 does what Transformer does, and chooses an adapter where the
        // caller names a task.
        if type == "custom_st.Transformer", try folder.hasJinaTasks(path) { name = "Transformer" }
        // The module of pplx-embed, whose other forms than int8 a caller asks for by name.
        if type == "st_quantize.FlexibleQuantizer" { name = "WholeNumbers" }
        switch name {
        case "WholeNumbers":
            guard pooling != nil else { throw misplaced(type, index, "after Pooling") }
            stages.append(.wholeNumbers)
        case "Transformer":
            guard index == 0 else { throw misplaced(type, index, "the first module") }
            encoderFolder = path
        case "StaticEmbedding":
            guard index == 0 else { throw misplaced(type, index, "the first module") }
            encoderFolder = path
            pooling = [.mean]
            isStatic = true
        case "Pooling":
            guard encoderFolder != nil, pooling == nil, stages.isEmpty else {
                throw misplaced(type, index, "once, right after the encoder")
            }
            try readPooling(path)
        // Dropout is for training.
        case "Dropout": break
        case "Dense", "LayerNorm", "Normalize":
            guard pooling != nil else { throw misplaced(type, index, "after Pooling") }
            stages.append(try stage(name, path))
        default:
            throw .unsupported(
                file,
                "module \(index) is \(type.quotedForMessage); supported are Transformer, StaticEmbedding, Pooling, "
                    + "Dense, LayerNorm and Normalize")
        }
    }

    func finish(pooling override: Pooling) throws(MartletError) -> PipelineDescription {
        guard let encoderFolder else { throw .malformed(file, "has no module of type Transformer") }
        guard let modes = PoolingMode(override).map({ [$0] }) ?? pooling else {
            throw .malformed(
                file,
                "has no module of type Pooling: nothing says how to pool; choose a pooling (mean and cls are usual)",
                remedy: .choosePooling)
        }
        var description = PipelineDescription(pooling: modes)
        description.encoderFolder = encoderFolder
        description.includePrompt = includePrompt
        description.stages = stages
        if isStatic { description.tokens = StaticTokens() }
        return description
    }

    private func misplaced(_ type: String, _ index: Int, _ place: String) -> MartletError {
        .unsupported(file, "module \(index) is \(type.quotedForMessage), which is expected \(place)")
    }

    private mutating func readPooling(_ path: String) throws(MartletError) {
        let config = try folder.requireConfig(ModelFolder.join(path, "config.json"), for: "how to pool")
        pooling = try config.poolingModes()
        includePrompt = try config.bool("include_prompt") ?? true
    }

    private func stage(_ name: String, _ path: String) throws(MartletError) -> PipelineDescription.Stage {
        switch name {
        case "Dense": return .dense(try DenseLayer(folder, path))
        case "LayerNorm":
            let config = try folder.requireConfig(
                ModelFolder.join(path, "config.json"), for: "the size of a layer norm")
            let size = try config.requireSize("dimension")
            let weights = try folder.weights(ofModule: path)
            return .layerNorm(
                try LayerNormLayer(
                    weight: try floats(weights, "norm.weight", [size]),
                    bias: try floats(weights, "norm.bias", [size]),
                    file: weights.location))
        default:
            if let config = try folder.config(ModelFolder.join(path, "config.json")) {
                try config.requireKnownMembers(in: ConfigurationMembers.normalize)
                try config.requireModule(level: "sentence_embedding")
            }
            return .normalize
        }
    }

    private func floats(_ weights: any WeightSource, _ name: String, _ shape: [Int]) throws(MartletError)
        -> [Float]
    {
        try wrapping { () throws(WeightError) in try weights.require(name, shape: shape).floats() }
    }
}
