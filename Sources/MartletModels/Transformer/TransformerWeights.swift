internal import MartletCompute
internal import MartletWeights

/// The weights of a transformer, packed for one instruction set and precision.
///
/// Tables that are looked up stay in the file and are read a row at a time; matrices are packed.
struct TransformerWeights: Sendable {
    struct Layer: Sendable {
        /// [queries + keys + values, hidden]
        let projections: PackedMatrix
        /// [hidden, heads × head size]
        let output: PackedMatrix
        let afterAttention: NormWeights
        /// [intermediate, hidden]
        let up: PackedMatrix
        /// [hidden, intermediate]
        let down: PackedMatrix
        let afterFeedForward: NormWeights
    }

    /// [vocabulary, embedding size], in the file
    let words: TensorView
    /// [positions, embedding size], in the file
    let positions: TensorView?
    /// [types, embedding size]
    let types: [Float]
    let embeddingNorm: NormWeights
    /// [hidden, embedding size]
    let embeddingProjection: PackedMatrix?
    let layers: [Layer]
    let parameters: Int

    init(
        _ checkpoint: Checkpoint, _ d: TransformerDescription, precision: ComputePrecision, kernels: Kernels, pool: WorkerPool,
        smoothing: Smoothing?
    ) throws(ModelError) {
        let (layout, hidden, size) = (checkpoint.layout, d.hiddenSize, d.embeddings.size)
        // Before anything is sized by it: a layer has at least four matrices.
        guard d.layers <= checkpoint.source.tensorNames.count / 4 else {
            throw ModelError(
                .missingTensor, "\(checkpoint.file) has \(checkpoint.source.tensorNames.count) tensors, too few for \(d.layers) layers",
                file: checkpoint.file)
        }
        func matrix(_ parts: [Checkpoint.MatrixPart], _ inputs: Int, _ scales: [Float]? = nil) throws(ModelError) -> PackedMatrix {
            try checkpoint.matrix(parts, inputs: inputs, columnScales: scales, precision: precision, kernels: kernels)
        }
        func norm(_ name: String, _ size: Int, _ scales: [Float]? = nil) throws(ModelError) -> NormWeights {
            try checkpoint.norm(name, size, d.normEpsilon, before: scales)
        }

        words = try checkpoint.tensor(layout.words + ".weight", [d.vocabularySize, size])
        var outside = d.vocabularySize * size
        if let table = d.embeddings.positions, let name = layout.positions {
            positions = try checkpoint.tensor(name + ".weight", [table.rows, size])
            outside += table.rows * size
        } else {
            positions = nil
        }
        if d.embeddings.types > 0, let name = layout.types {
            types = try checkpoint.floats(name + ".weight", [d.embeddings.types, size])
        } else {
            types = []
        }
        outside += types.count
        embeddingNorm = try norm(layout.embeddingNorm ?? "", size, size == hidden ? smoothing?.projections(layer: 0) : nil)
        outside += 2 * size
        if size != hidden, let name = layout.embeddingProjection {
            let projection = try matrix([.init(name: name, rows: hidden)], size)
            outside += projection.parameters
            embeddingProjection = projection
        } else {
            embeddingProjection = nil
        }

        // Four matrices a layer, packed on all threads.
        let matrices = try pool.map(d.layers * 4) { index throws(ModelError) in
            let layer = index / 4
            return switch index % 4 {
            case 0:
                // The first layer reads a projection of the embeddings' norm where there is one: that has no scales to give.
                try matrix(
                    checkpoint.projections(d, layer: layer), hidden,
                    layer == 0 && size != hidden ? nil : smoothing?.projections(layer: layer))
            case 1: try matrix([.init(name: layout.layer(layer, layout.attentionOutput), rows: hidden)], d.attention.width)
            case 2: try matrix(checkpoint.up(d, layer: layer), hidden, smoothing?.feedForward(layer: layer))
            default: try matrix([.init(name: layout.layer(layer, layout.down), rows: hidden)], d.feedForward.size)
            }
        }
        var layers: [Layer] = []
        for index in 0..<d.layers {
            layers.append(
                Layer(
                    projections: matrices[index * 4], output: matrices[index * 4 + 1],
                    afterAttention: try norm(layout.layer(index, layout.afterAttention), hidden, smoothing?.feedForward(layer: index)),
                    up: matrices[index * 4 + 2], down: matrices[index * 4 + 3],
                    afterFeedForward: try norm(
                        layout.layer(index, layout.afterFeedForward), hidden,
                        index + 1 < d.layers ? smoothing?.projections(layer: index + 1) : nil)))
        }
        self.layers = layers
        parameters = matrices.reduce(outside + d.layers * 4 * hidden) { $0 + $1.parameters }
    }

    /// Bytes of packed matrices and tables in memory.
    var bytes: Int {
        layers.reduce(types.count * 4 + (embeddingProjection?.bytes ?? 0)) {
            $0 + $1.projections.bytes + $1.output.bytes + $1.up.bytes + $1.down.bytes
        }
    }
}

extension Checkpoint {
    func projections(_ d: TransformerDescription, layer: Int) -> [MatrixPart] {
        let rows = layout.projections.count == 1 ? [d.attention.projections.reduce(0, +)] : d.attention.projections
        return zip(layout.projections, rows).map { MatrixPart(name: layout.layer(layer, $0), rows: $1) }
    }

    func up(_ d: TransformerDescription, layer: Int) -> [MatrixPart] {
        layout.up.map { MatrixPart(name: layout.layer(layer, $0), rows: d.feedForward.size) }
    }
}
