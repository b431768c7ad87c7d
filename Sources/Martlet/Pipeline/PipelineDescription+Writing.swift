internal import MartletModels
/// A metadata value as GGUF has it.
package enum PipelineMetadataValue: Sendable, Equatable {
    case string(String), integer(Int), bool(Bool), strings([String])
}

/// A tensor of a module after pooling; shape as in PyTorch.
package struct PipelineTensor: Sendable, Equatable {
    package let name: String
    package let shape: [Int]
    package let values: [Float]
}

extension PipelineDescription {
    /// What a GGUF file has to say for `init(metadata:…)` to read this description, in order.
    /// - Parameter architecture: GGUF's `general.architecture`, such as "bert".
    package func metadata(architecture: String) -> [(key: String, value: PipelineMetadataValue)] {
        var result: [(key: String, value: PipelineMetadataValue)] = []
        if pooling.count == 1, let type = pooling[0].poolingType {
            result.append((PipelineKeys.poolingType(architecture), .integer(type)))
        } else {
            // llama.cpp then gives token vectors, and nobody takes another pooling for the model's.
            result.append((PipelineKeys.poolingType(architecture), .integer(0)))
            result.append((PipelineKeys.pooling, .strings(pooling.map(\.rawValue))))
        }
        if !includePrompt { result.append((PipelineKeys.includePrompt, .bool(false))) }
        result.append((PipelineKeys.stages, .strings(stages.map(\.kind))))
        for (index, stage) in stages.enumerated() {
            guard case .dense(let dense) = stage else { continue }
            result.append((PipelineKeys.activation(index), .string(dense.activation.rawValue)))
            if dense.residual != .none { result.append((PipelineKeys.residual(index), .bool(true))) }
        }
        if let maxTokens { result.append((PipelineKeys.maxTokens, .integer(maxTokens))) }
        if lowercases { result.append((PipelineKeys.lowercases, .bool(true))) }
        if !prompts.all.isEmpty { result.append((PipelineKeys.prompts, .string(prompts.json))) }
        if let name = prompts.defaultName { result.append((PipelineKeys.defaultPromptName, .string(name))) }
        result.append((PipelineKeys.similarity, .string(similarity.rawValue)))
        if let defaultDimensions {
            result.append((PipelineKeys.defaultDimensions, .integer(defaultDimensions)))
        }
        return result
    }

    /// The weights of the modules after pooling, to be stored as f32.
    package var tensors: [PipelineTensor] {
        var result: [PipelineTensor] = []
        for (index, stage) in stages.enumerated() {
            switch stage {
            case .normalize, .wholeNumbers: break
            case .layerNorm(let norm):
                result.append(
                    PipelineTensor(
                        name: PipelineKeys.weight(index), shape: [norm.weight.count], values: norm.weight))
                result.append(
                    PipelineTensor(
                        name: PipelineKeys.bias(index), shape: [norm.bias.count], values: norm.bias))
            case .dense(let dense):
                let shape = [dense.outputs, dense.inputs]
                result.append(
                    PipelineTensor(name: PipelineKeys.weight(index), shape: shape, values: dense.weight))
                if let bias = dense.bias {
                    result.append(
                        PipelineTensor(name: PipelineKeys.bias(index), shape: [dense.outputs], values: bias))
                }
                if let weight = dense.residualWeight {
                    result.append(
                        PipelineTensor(name: PipelineKeys.residualWeight(index), shape: shape, values: weight)
                    )
                }
            }
        }
        return result
    }
}

extension PipelineDescription.Stage {
    var kind: String {
        switch self {
        case .dense: PipelineKeys.dense
        case .layerNorm: PipelineKeys.layerNorm
        case .normalize: PipelineKeys.normalize
        case .wholeNumbers: PipelineKeys.wholeNumbers
        }
    }
}
