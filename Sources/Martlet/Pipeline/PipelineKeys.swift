internal import MartletModels
/// The names under which a GGUF file keeps the pipeline: used by the reader and the writer alike.
///
/// llama.cpp knows the pooling type and ignores keys and tensors of the prefix `martlet.`.
enum PipelineKeys {
    /// `<architecture>.pooling_type`: what llama.cpp reads; 0 none, 1 mean, 2 cls, 3 last, 4 rank.
    static func poolingType(_ architecture: String) -> String { architecture + ".pooling_type" }

    /// Whether the file is of a model that scores.
    static func isRanked(_ metadata: some PipelineMetadata) -> Bool {
        metadata.string("general.architecture").flatMap { metadata.int(poolingType($0)) } == 4
    }

    /// Names of ``PoolingMode``, for what `pooling_type` cannot say. It wins over `pooling_type`.
    static let pooling = "martlet.pooling"
    static let includePrompt = "martlet.pooling.include_prompt"
    /// "dense", "layer_norm", "normalize" in order; an empty list says that nothing follows pooling.
    static let stages = "martlet.stages"
    static let maxTokens = "martlet.max_tokens"
    static let lowercases = "martlet.lowercase"
    /// A JSON object of texts by name.
    static let prompts = "martlet.prompts"
    static let defaultPromptName = "martlet.default_prompt_name"
    static let similarity = "martlet.similarity"
    static let defaultDimensions = "martlet.default_dimensions"

    static let dense = "dense"
    static let layerNorm = "layer_norm"
    static let normalize = "normalize"
    static let wholeNumbers = "tanh_int8"

    static func activation(_ stage: Int) -> String { "martlet.stage.\(stage).activation" }
    static func residual(_ stage: Int) -> String { "martlet.stage.\(stage).residual" }
    /// Tensors: f32, shapes as in PyTorch.
    static func weight(_ stage: Int) -> String { "martlet.stage.\(stage).weight" }
    static func bias(_ stage: Int) -> String { "martlet.stage.\(stage).bias" }
    static func residualWeight(_ stage: Int) -> String { "martlet.stage.\(stage).residual.weight" }
}

extension PoolingMode {
    /// llama.cpp's number of a mode, nil for modes that it does not have.
    var poolingType: Int? {
        switch self {
        case .mean: 1
        case .cls: 2
        case .last: 3
        case .max, .meanSqrtLen, .weightedMean: nil
        }
    }

    init?(poolingType: Int) {
        guard let mode = Self.allCases.first(where: { $0.poolingType == poolingType }) else { return nil }
        self = mode
    }
}
