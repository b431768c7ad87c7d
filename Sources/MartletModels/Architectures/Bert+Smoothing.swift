package import MartletCompute
internal import MartletWeights

extension Bert {
    /// Smoothing scales of a checkpoint, measured in one forward pass.
    package static func smoothing(
        _ configuration: BertConfiguration, _ tensors: BertTensors, _ calibration: Calibration, kernels: Kernels, pool: WorkerPool
    ) throws(ModelError) -> Smoothing {
        let precision: ComputePrecision = kernels.hasBF16Dot ? .bf16 : .f32
        let encoder = try Bert(configuration, tensors, precision: precision, kernels: kernels, pool: pool)
        let hidden = configuration.hiddenSize
        let batch = calibration.batch(vocabularySize: configuration.vocabularySize, maxPositions: configuration.maxPositions)
        let state = BertState(configuration, precision: precision, kernels: kernels, tokens: batch.tokens, longest: batch.longest)

        var activations = Array(repeating: [Float](repeating: 0, count: hidden), count: 2 * configuration.layers)
        encoder.forward(batch, state) { point, first, rows in
            guard point < activations.count else { return }
            for row in first..<first + rows {
                for column in 0..<hidden {
                    activations[point][column] = max(activations[point][column], abs(state.hidden[row * state.hiddenStride + column]))
                }
            }
        }
        var weights: [[Float]] = []
        for layer in 0..<configuration.layers {
            let base = "encoder.layer.\(layer)."
            weights.append(
                try tensors.columnMaxima(
                    ["query", "key", "value"].map { base + "attention.self.\($0).weight" }, outputs: hidden, inputs: hidden))
            weights.append(
                try tensors.columnMaxima([base + "intermediate.dense.weight"], outputs: configuration.intermediateSize, inputs: hidden))
        }
        return Smoothing(activations: activations, weights: weights)
    }
}

extension BertTensors {
    /// The largest absolute weight of each input over the rows of all the named matrices.
    func columnMaxima(_ names: [String], outputs: Int, inputs: Int) throws(ModelError) -> [Float] {
        var maxima = [Float](repeating: 0, count: inputs)
        for name in names {
            let values = try floats(name, [outputs, inputs])
            for row in 0..<outputs {
                for column in 0..<inputs { maxima[column] = max(maxima[column], abs(values[row * inputs + column])) }
            }
        }
        return maxima
    }
}
