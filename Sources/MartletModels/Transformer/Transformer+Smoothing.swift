package import MartletCompute
internal import MartletWeights

extension Transformer {
    /// Smoothing scales of a checkpoint, measured in one forward pass over the calibration's tokens.
    ///
    /// Layers are packed one after the other, each into the memory of the one before: the pass needs the
    /// memory of one layer.
    package static func smoothing(
        _ description: TransformerDescription, _ checkpoint: Checkpoint, _ calibration: Calibration,
        kernels: Kernels, pool: WorkerPool,
        observer: LoadObserver = .none
    ) throws(ModelError) -> Smoothing {
        try checkpoint.requireTensors(forLayers: description.layers)
        let (precision, each): (ComputePrecision, _) = (
            kernels.hasBF16Dot ? .bf16 : .f32, LayerWeights.matrices
        )
        let memory = WeightMemory(reusing: true)
        let packing = Packing(precision: precision, kernels: kernels, memory: memory)
        let scales = InputScales(nil, description)
        let tables = try TransformerWeights(
            tablesOf: checkpoint, description, packing: packing, scales: scales)
        let encoder = Transformer(description, tables: tables, precision: precision, kernels: kernels)
        let batch = calibration.batch(
            vocabularySize: description.vocabularySize, maxPositions: description.maxPositions)
        let state = TransformerState(
            description, precision: precision, kernels: kernels, tokens: batch.tokens, longest: batch.longest)
        let team = min(pool.largestTeam, 8)
        state.prepare(members: team)

        let points = 2 * description.layers
        let activations = (0..<points).map { _ in ChannelMaxima(channels: description.hiddenSize) }
        let weights = (0..<points).map { _ in ChannelMaxima(channels: description.hiddenSize) }
        let observe: Observer = { point, values, rows in
            activations[point].take(values, count: rows, stride: state.hiddenStride)
        }
        let progress = observer.counting(description.layers) { .measuring(done: $0, all: $1) }
        pool.runTeam(team) { encoder.begin(batch, Pass(state: state, member: $0)) }
        for layer in 0..<description.layers {
            try progress.step(checkpoint.file)
            let matrices = try pool.map(each) { which throws(ModelError) in
                try checkpoint.matrix(
                    which, layer: layer, description, scales, packing,
                    maxima: which % 2 == 0 ? weights[2 * layer + which / 2] : nil)
            }
            let packed = try LayerWeights(
                checkpoint, description, layer: layer, matrices: matrices[...], scales: scales,
                packing: packing)
            pool.runTeam(team) { member in
                encoder.run(
                    packed, layer, batch,
                    Pass(state: state, member: member, observe: member.leads ? observe : nil))
            }
        }
        return Smoothing(activations: activations.map(\.floats), weights: weights.map(\.floats))
    }
}
