internal import MartletCompute
internal import MartletWeights

/// The weights of a transformer, packed for one instruction set and precision.
///
/// Tables that are looked up stay in the file and are read a row at a time; matrices are packed.
struct TransformerWeights: Sendable {
    struct Layer: Sendable {
        /// nil: the stream is read as the norm before left it.
        let beforeAttention: NormWeights?
        /// [queries + keys + values, hidden]
        let projections: PackedMatrix
        /// [head size], for queries and for keys
        let queryNorm: NormWeights?
        let keyNorm: NormWeights?
        /// [hidden, heads × head size]
        let output: PackedMatrix
        let afterAttention: NormWeights?
        let beforeFeedForward: NormWeights?
        /// [intermediate, hidden], twice as high where it is gated; one for each expert, where there are any
        let up: [PackedMatrix]
        /// [hidden, intermediate]
        let down: [PackedMatrix]
        let experts: ExpertRouter?
        let afterFeedForward: NormWeights?
    }

    /// [vocabulary, embedding size], in the file
    let words: TensorView
    /// What an adapter adds to the words' rows.
    let wordUpdate: LowRankUpdate?
    /// [positions, embedding size], in the file
    let positions: TensorView?
    /// [types, embedding size]
    let types: [Float]
    let embeddingNorm: NormWeights?
    /// [hidden, embedding size]
    let embeddingProjection: PackedMatrix?
    let distanceBias: DistanceBias?
    let layers: [Layer]
    let finalNorm: NormWeights?
    let parameters: Int

    init(
        _ checkpoint: Checkpoint, _ d: TransformerDescription, precision: ComputePrecision, kernels: Kernels, pool: WorkerPool,
        smoothing: Smoothing?
    ) throws(ModelError) {
        // Before anything is sized by it: a layer has at least four matrices.
        guard d.layers <= checkpoint.source.tensorNames.count / 4 else {
            throw ModelError(
                .missingTensor, "\(checkpoint.file) has \(checkpoint.source.tensorNames.count) tensors, too few for \(d.layers) layers",
                file: checkpoint.file)
        }
        let (layout, hidden, size) = (checkpoint.layout, d.hiddenSize, d.embeddings.size)
        let isProjected = size != hidden
        let packing = Packing(precision: precision, kernels: kernels)
        // The first layer reads a projection of the embeddings' norm where there is one: that has no scales to give.
        func scales(_ point: Int) -> [Float]? { point == 0 && isProjected ? nil : smoothing?.scales[point] }

        words = try checkpoint.tensor(layout.words + ".weight", [d.vocabularySize, size])
        wordUpdate = try checkpoint.update(layout.words, rows: d.vocabularySize, columns: size, isTable: true)
        var count = d.vocabularySize * size
        positions = try d.embeddings.positions.flatMap { (table) throws(ModelError) in
            try checkpoint.tensor((layout.positions ?? "") + ".weight", [table.rows, size])
        }
        types = try checkpoint.types(d, kernels)
        count += (positions?.elementCount ?? 0) + types.count
        func norm(_ name: String?, _ size: Int, before point: Int? = nil) throws(ModelError) -> NormWeights? {
            guard let name else { return nil }
            count += d.norm.hasBias && !d.norm.isRMS ? 2 * size : size
            return try checkpoint.norm(name, size, d.norm, before: point.flatMap(scales))
        }
        let isPostNorm = d.residual == .postNorm
        let feedsFirstLayer = isPostNorm || d.embeddings.feedsFirstLayer
        embeddingNorm = try norm(d.embeddings.hasNorm ? layout.embeddingNorm : nil, size, before: feedsFirstLayer ? 0 : nil)
        embeddingProjection =
            isProjected
            ? try checkpoint.matrix(
                [.init(name: layout.embeddingProjection ?? "", rows: hidden)], inputs: size, hasBias: true, packing: packing) : nil
        distanceBias = try checkpoint.distanceBias(d)
        count += embeddingProjection?.parameters ?? 0

        // Four matrices a layer, packed on all threads.
        let matrices = try pool.map(d.layers * 4) { index throws(ModelError) in
            try checkpoint.matrix(index % 4, layer: index / 4, d, scales, packing)
        }
        var layers: [Layer] = []
        for index in 0..<d.layers {
            func inside(_ name: String?) -> String? { name.map { layout.layer(index, $0) } }
            let isFirst = index == 0 && d.embeddings.feedsFirstLayer
            layers.append(
                Layer(
                    beforeAttention: try norm(isFirst ? nil : inside(layout.beforeAttention), hidden, before: 2 * index),
                    projections: matrices[index * 4][0],
                    queryNorm: try norm(d.attention.normalisesHeads ? inside(layout.queryNorm) : nil, d.attention.headSize),
                    keyNorm: try norm(d.attention.normalisesHeads ? inside(layout.keyNorm) : nil, d.attention.headSize),
                    output: matrices[index * 4 + 1][0],
                    afterAttention: try norm(inside(layout.afterAttention), hidden, before: isPostNorm ? 2 * index + 1 : nil),
                    beforeFeedForward: try norm(inside(layout.beforeFeedForward), hidden, before: 2 * index + 1),
                    up: matrices[index * 4 + 2], down: matrices[index * 4 + 3],
                    experts: try checkpoint.router(layer: index, d, packing),
                    afterFeedForward: try norm(
                        inside(layout.afterFeedForward), hidden, before: isPostNorm && index + 1 < d.layers ? 2 * index + 2 : nil)))
        }
        self.layers = layers
        finalNorm = try norm(isPostNorm ? nil : layout.finalNorm, hidden)
        parameters = (matrices.joined() + layers.compactMap { $0.experts?.router }).reduce(count) { $0 + $1.parameters }
    }

    /// Bytes of packed matrices and tables in memory.
    var bytes: Int {
        layers.reduce(types.count * 4 + (wordUpdate?.bytes ?? 0) + (embeddingProjection?.bytes ?? 0) + (distanceBias?.bytes ?? 0)) {
            let matrices = [$1.projections, $1.output] + $1.up + $1.down + [$1.experts?.router].compactMap { $0 }
            return $0 + matrices.reduce(0) { $0 + $1.bytes }
        }
    }
}

extension Checkpoint {
    /// The table of token types, [types, embedding size], with what an adapter adds.
    fileprivate func types(_ d: TransformerDescription, _ kernels: Kernels) throws(ModelError) -> [Float] {
        if d.embeddings.types == 0 { return [] }
        let (name, size) = (layout.types ?? "", d.embeddings.size)
        var types = try floats(name + ".weight", [d.embeddings.types, size])
        if let update = try update(name, rows: d.embeddings.types, columns: size, isTable: true) {
            types.withUnsafeMutableBufferPointer { types in
                guard let base = types.baseAddress else { return }
                for row in 0..<d.embeddings.types { update.add(row: row, to: base + row * size, kernels) }
            }
        }
        return types
    }
}
