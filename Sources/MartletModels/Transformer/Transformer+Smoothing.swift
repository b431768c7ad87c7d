package import MartletCompute
internal import MartletWeights

extension Transformer {
    /// Smoothing scales of a checkpoint, measured in one forward pass over each of the calibration's sequences.
    package static func smoothing(
        _ description: TransformerDescription, _ checkpoint: Checkpoint, _ calibration: Calibration, kernels: Kernels, pool: WorkerPool
    ) throws(ModelError) -> Smoothing {
        let precision: ComputePrecision = kernels.hasBF16Dot ? .bf16 : .f32
        let encoder = try Transformer(description, checkpoint, precision: precision, kernels: kernels, pool: pool)
        let (points, hidden) = (2 * description.layers, description.hiddenSize)
        let batches = calibration.batches(
            min(pool.width, Calibration.sequences), vocabularySize: description.vocabularySize, maxPositions: description.maxPositions)
        let parts = pool.map(batches.count) { index in
            let batch = batches[index]
            let state = TransformerState(
                description, precision: precision, kernels: kernels, tokens: batch.tokens, longest: batch.longest)
            let maxima = ChannelMaxima(points: points, channels: hidden)
            let pass = Pass(state: state) { point, values, rows in
                maxima.take(values, count: rows, stride: state.hiddenStride, at: point)
            }
            encoder.forward(batch, pass)
            return maxima.rows
        }
        let activations = (0..<points).map { point in
            (0..<hidden).map { channel in parts.reduce(0) { max($0, $1[point][channel]) } }
        }
        let weights = try pool.map(points) { point throws(ModelError) in try checkpoint.columnMaxima(point: point, description, kernels) }
        return Smoothing(activations: activations, weights: weights)
    }
}
