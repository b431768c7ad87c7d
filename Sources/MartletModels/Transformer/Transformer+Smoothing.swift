package import MartletCompute
internal import MartletWeights

extension Transformer {
    /// Smoothing scales of a checkpoint, measured in one forward pass.
    package static func smoothing(
        _ description: TransformerDescription, _ checkpoint: Checkpoint, _ calibration: Calibration, kernels: Kernels, pool: WorkerPool
    ) throws(ModelError) -> Smoothing {
        let precision: ComputePrecision = kernels.hasBF16Dot ? .bf16 : .f32
        let encoder = try Transformer(description, checkpoint, precision: precision, kernels: kernels, pool: pool)
        let hidden = description.hiddenSize
        let batch = calibration.batch(vocabularySize: description.vocabularySize, maxPositions: description.maxPositions)
        let state = TransformerState(description, precision: precision, kernels: kernels, tokens: batch.tokens, longest: batch.longest)

        var activations = Array(repeating: [Float](repeating: 0, count: hidden), count: 2 * description.layers)
        let pass = Pass(state: state) { point, values, rows in
            for row in 0..<rows {
                for column in 0..<hidden {
                    activations[point][column] = max(activations[point][column], abs(values[row * state.hiddenStride + column]))
                }
            }
        }
        encoder.forward(batch, pass)
        var weights: [[Float]] = []
        for point in 0..<2 * description.layers { weights.append(try checkpoint.columnMaxima(point: point, description, kernels)) }
        return Smoothing(activations: activations, weights: weights)
    }
}
