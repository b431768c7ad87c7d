package import MartletCompute
internal import MartletWeights

extension Bert {
    /// Smoothing scales of a checkpoint, measured on token ids drawn at random: channels that are large are so for nearly every token, and
    /// ids need neither texts nor a tokenizer. On all-MiniLM-L6-v2 they serve as well as scales from real texts.
    package static func smoothing(
        _ configuration: BertConfiguration, _ tensors: BertTensors, kernels: Kernels, pool: WorkerPool
    ) throws(ModelError) -> Smoothing {
        let precision: ComputePrecision = kernels.hasBF16Dot ? .bf16 : .f32
        let encoder = try Bert(configuration, tensors, precision: precision, kernels: kernels, pool: pool)
        let hidden = configuration.hiddenSize
        let batch = randomBatch(configuration)
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

    /// Six sequences of up to 64 ids from a fixed generator (SplitMix64, Steele et al. 2014): the same on every machine.
    private static func randomBatch(_ configuration: BertConfiguration) -> PackedBatch {
        var seed: UInt64 = 1
        func next() -> UInt64 {
            seed &+= 0x9e37_79b9_7f4a_7c15
            var z = seed
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
        var batch = PackedBatch()
        let length = min(64, configuration.maxPositions)
        for _ in 0..<6 { batch.append((0..<length).map { _ in Int32(next() % UInt64(configuration.vocabularySize)) }) }
        return batch
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
