package import MartletModels
/// What happens around the encoder: the text's prompt and limit before it, pooling and further modules after
/// it.
package struct PipelineDescription: Sendable, Equatable {
    /// How token vectors become one vector; the results of several modes are concatenated in this order.
    /// Never empty.
    package var pooling: [PoolingMode]
    /// Whether the tokens of the prompt take part in pooling.
    package var includePrompt = true
    /// What happens to the pooled vector, in order.
    package var stages: [Stage] = []
    /// The most tokens of a text, special tokens included; nil where the model's number of positions is the
    /// only limit.
    package var maxTokens: Int?
    /// Whether text is lowercased even if the tokenizer would not.
    package var lowercases = false
    package var prompts = Prompts()
    package var similarity = SimilarityFunction.cosine
    /// The number of leading dimensions to keep where the caller does not say; nil keeps all.
    package var defaultDimensions: Int?
    /// The folder of the encoder's files inside the model folder; empty for the model folder itself.
    package var encoderFolder = ""
    /// For models that look up a vector for each token and have no encoder; nil: there is one.
    package var tokens: StaticTokens?
    /// What the files leave open and how it was settled, one sentence each.
    package var notes: [String] = []

    package enum Stage: Sendable, Equatable {
        case dense(DenseLayer)
        case layerNorm(LayerNormLayer)
        case normalize
        /// The nearest whole number to 127 · tanh(x), as pplx-embed's vectors are published.
        case wholeNumbers
    }

    package init(pooling: [PoolingMode]) {
        self.pooling = pooling
    }

    /// Whether the vector that comes out has length 1.
    package var normalizes: Bool { stages.last == .normalize }

    /// The number of dimensions of a text's vector for an encoder with hidden states of that size.
    /// - Throws: If a stage takes vectors of another size than it gets.
    package func dimensions(hiddenSize: Int) throws(MartletError) -> Int {
        var size = hiddenSize * pooling.count
        for (index, stage) in stages.enumerated() {
            switch stage {
            case .dense(let dense) where dense.inputs != size:
                throw mismatch(index, "dense", takes: dense.inputs, gets: size, file: dense.file)
            case .layerNorm(let norm) where norm.weight.count != size:
                throw mismatch(index, "layer_norm", takes: norm.weight.count, gets: size, file: norm.file)
            case .dense(let dense): size = dense.outputs
            case .layerNorm, .normalize, .wholeNumbers: break
            }
        }
        return size
    }

    private func mismatch(_ index: Int, _ kind: String, takes: Int, gets: Int, file: String) -> MartletError {
        MartletError(
            .invalidModel,
            "\(file): \(kind) takes \(takes) dimensions but gets \(gets) from \(index == 0 ? "\(poolingText) pooling" : "the module before it")",
            file: file)
    }

    private var poolingText: String { pooling.map(\.rawValue).joined(separator: "+") }
}

extension PipelineDescription: CustomStringConvertible {
    /// One line from the hidden states on, such as `mean → dense(48→24, tanh) → normalize`.
    package var description: String {
        var parts = [poolingText + (includePrompt ? "" : "(without prompt)")]
        for stage in stages {
            switch stage {
            case .dense(let dense):
                let residual = dense.residual == .none ? "" : ", residual"
                parts.append(
                    "dense(\(dense.inputs)→\(dense.outputs), \(dense.activation.rawValue)\(residual))")
            case .layerNorm(let norm): parts.append("layer_norm(\(norm.weight.count))")
            case .normalize: parts.append("normalize")
            case .wholeNumbers: parts.append("tanh_int8")
            }
        }
        if let defaultDimensions { parts.append("cut(\(defaultDimensions))") }
        return parts.joined(separator: " → ")
    }
}
