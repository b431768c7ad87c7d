internal import MartletJSON
internal import MartletWeights

/// Reads the modules of a `modules.json` in order: the encoder, pooling, then any of dense, layer norm and normalise.
struct ModuleReader {
    let folder: ModelFolder
    /// The path of modules.json, for messages.
    let file: String
    /// config_sentence_transformers.json
    private let config: ConfigFile?
    private var encoderFolder: String?
    private var pooling: [PoolingMode]?
    private var includePrompt = true
    private var isStatic = false
    private var stages: [PipelineDescription.Stage] = []

    init(folder: ModelFolder, file: String) throws(MartletError) {
        self.folder = folder
        self.file = file
        config = try folder.config("config_sentence_transformers.json")
    }

    mutating func read(_ module: JSONValue, at index: Int) throws(MartletError) {
        guard let type = module["type"]?.string, let path = module["path"]?.string else {
            throw .malformed(file, "module \(index): expected an object with \"type\" and \"path\" as strings")
        }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !path.hasPrefix("/"), !parts.contains(".."), !path.contains("\\") else {
            throw .malformed(file, "module \(index): the path \(path.quotedForMessage) leads out of the model folder")
        }
        // Classes outside sentence_transformers are code that the model brings along.
        var name = type.hasPrefix("sentence_transformers.") ? type.split(separator: ".").last.map(String.init) ?? "" : ""
        // jina-embeddings-v3's does what Transformer does, and chooses an adapter where the caller names a task.
        if type == "custom_st.Transformer", try folder.isJinaEmbeddingsV3(path) { name = "Transformer" }
        switch name {
        case "Transformer":
            guard index == 0 else { throw misplaced(type, index, "the first module") }
            encoderFolder = path
        case "StaticEmbedding":
            guard index == 0 else { throw misplaced(type, index, "the first module") }
            encoderFolder = path == "." ? "" : path
            pooling = [.mean]
            isStatic = true
        case "Pooling":
            guard encoderFolder != nil, pooling == nil, stages.isEmpty else {
                throw misplaced(type, index, "once, right after the encoder")
            }
            try readPooling(path)
        case "Dense" where pooling == nil && config?["model_type"]?.string == "MultiVectorEncoder":
            throw .unsupported(file, "the model makes a vector for each token; use LateInteractionEmbedder, or --kind multi")
        case "Dense", "LayerNorm", "Normalize":
            guard pooling != nil else { throw misplaced(type, index, "after Pooling") }
            stages.append(try stage(name, path))
        case "MLMTransformer", "SpladePooling", "SparseStaticEmbedding":
            throw .unsupported(file, "module \(index) is \(name): the model makes sparse vectors; use SparseEmbedder, or --kind sparse")
        case "Router" where config?["model_type"]?.string == "SparseEncoder":
            throw .unsupported(file, "the model makes sparse vectors; use SparseEmbedder, or --kind sparse")
        case "" where type.hasPrefix("pylate."):
            throw .unsupported(
                file,
                "module \(index) is \(type.quotedForMessage): the model makes a vector for each token; use LateInteractionEmbedder, "
                    + "or --kind multi")
        case "MultiVectorMask":
            throw .unsupported(
                file, "module \(index) is \(name): the model makes a vector for each token; use LateInteractionEmbedder, or --kind multi")
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
            throw .malformed(file, "has no module of type Pooling: nothing says how to pool; pass --pooling (mean and cls are usual)")
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
        let config = try folder.requireConfig(join(path, "config.json"), for: "how to pool")
        pooling = try config.poolingModes()
        includePrompt = try config.bool("include_prompt") ?? true
    }

    private func stage(_ name: String, _ path: String) throws(MartletError) -> PipelineDescription.Stage {
        switch name {
        case "Dense": return .dense(try DenseLayer(folder, path))
        case "LayerNorm":
            let config = try folder.requireConfig(join(path, "config.json"), for: "the size of a layer norm")
            let size = try config.requireSize("dimension")
            let weights = try folder.weights(ofModule: path)
            return .layerNorm(
                try LayerNormLayer(
                    weight: try floats(weights, "norm.weight", [size]), bias: try floats(weights, "norm.bias", [size]),
                    file: weights.location))
        default:
            if let config = try folder.config(join(path, "config.json")) { try config.requireModule(level: "sentence_embedding") }
            return .normalize
        }
    }

    private func floats(_ weights: any WeightSource, _ name: String, _ shape: [Int]) throws(MartletError) -> [Float] {
        try wrapping { () throws(WeightError) in try weights.require(name, shape: shape).floats() }
    }

    private func join(_ folder: String, _ file: String) -> String { folder.isEmpty ? file : folder + "/" + file }
}
