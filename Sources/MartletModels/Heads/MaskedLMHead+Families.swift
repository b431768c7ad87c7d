package import MartletCompute
package import MartletJSON
package import MartletWeights

/// The names of a family's head for masked language modelling, and what its configuration does not say.
struct MaskedLMNames: Sendable {
    var dense: String
    var norm: String
    /// Without `.weight`; where the file has no such tensor, the decoder is the table of words.
    var decoder: String
    /// Names that the decoder's bias may have, the layer's own first.
    var biases: [String]
    /// The member of the configuration that names the activation; nil: exact GELU.
    var activation: String?
    var epsilon = "layer_norm_eps"
    var defaultEpsilon = 1e-12

    static let roberta = MaskedLMNames(
        dense: "lm_head.dense", norm: "lm_head.layer_norm", decoder: "lm_head.decoder",
        biases: ["lm_head.decoder.bias", "lm_head.bias"])
}

extension MaskedLMHead {
    /// The head of a transformers folder's `…ForMaskedLM`: `configuration` is its config.json.
    package init(
        configuration: JSONValue, file: String, weights: any WeightSource, weightFile: String,
        precision: ComputePrecision,
        kernels: Kernels
    ) throws(ModelError) {
        let reader = ConfigurationReader(configuration, file: file, family: "Masked language model")
        let type = try reader.string("model_type") ?? ""
        guard let names = ArchitectureRegistry.family(type)?.maskedLM else {
            throw reader.unsupported(
                "the head of model_type \(type.quotedForMessage) is not supported; \(ArchitectureRegistry.types(with: \.maskedLM)) are"
            )
        }
        let blueprint = try ArchitectureRegistry.blueprint(configuration: configuration, file: file)
        let description = blueprint.description
        let checkpoint = try Checkpoint(weights, layouts: blueprint.layouts, file: weightFile)
        let tensors = HeadTensors(weights, file: weightFile)
        let (hidden, width, vocabulary) = (
            description.hiddenSize, description.embeddings.size, description.vocabularySize
        )
        guard tensors.has(names.dense + ".weight") else {
            throw ModelError(
                .missingTensor,
                "\(weightFile) has no tensor \(names.dense).weight: it holds no head for masked language modelling, which sparse vectors "
                    + "are made with",
                file: weightFile)
        }
        func optional(_ name: String, _ size: Int) throws(ModelError) -> [Float]? {
            tensors.has(name) ? try tensors.floats(name, [size]) : nil
        }
        dense = try tensors.matrix(
            names.dense + ".weight", [width, hidden], bias: try optional(names.dense + ".bias", width),
            precision: .f32, kernels: kernels)
        activation =
            try names.activation.map { (key) throws(ModelError) in try reader.activation(key, default: "gelu")
            } ?? .gelu
        norm = NormWeights(
            gamma: try tensors.floats(names.norm + ".weight", [width]),
            beta: try optional(names.norm + ".bias", width),
            epsilon: names.epsilon.isEmpty
                ? 1e-12 : try reader.epsilon(names.epsilon, default: names.defaultEpsilon))

        let own = names.decoder + ".weight"
        let isTied = try reader.flag("tie_word_embeddings", default: true)
        guard tensors.has(own) || isTied else {
            throw ModelError(
                .missingTensor,
                "\(weightFile) has no tensor \(own), and the configuration does not tie it to the embeddings",
                file: weightFile)
        }
        let table =
            tensors.has(own)
            ? try tensors.tensor(own, [vocabulary, width])
            : try checkpoint.tensor(checkpoint.layout.words + ".weight", [vocabulary, width])
        var bias: [Float]?
        for name in names.biases where bias == nil { bias = try optional(name, vocabulary) }
        var decoder: [PackedMatrix] = []
        for first in stride(from: 0, to: vocabulary, by: Self.block) {
            let rows = first..<min(first + Self.block, vocabulary)
            decoder.append(
                try tensors.matrix(
                    table, rows: rows, bias: bias.map { Array($0[rows]) }, precision: precision,
                    kernels: kernels))
        }
        self.decoder = decoder
        self.precision = precision
        self.kernels = kernels
        hiddenSize = hidden
        size = width
        vocabularySize = vocabulary
        // Tied words are the encoder's.
        let tied = tensors.has(own) ? 0 : vocabulary * width
        parameters = decoder.reduce(dense.parameters + width * 2 - tied) { $0 + $1.parameters }
    }
}
