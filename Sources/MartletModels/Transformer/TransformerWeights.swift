internal import MartletCompute
internal import MartletWeights

/// The weights of a transformer, packed for one instruction set and precision.
///
/// Tables that are looked up stay in the file and are read a row at a time; matrices are packed.
struct TransformerWeights: Sendable {
    /// [vocabulary, embedding size], in the file
    let words: TensorView
    /// How an adapter changes the words' rows.
    let wordUpdate: LowRankUpdate?
    /// [positions, embedding size], in the file
    let positions: TensorView?
    /// [types, embedding size]
    let types: [Float]
    let embeddingNorm: NormWeights?
    /// [hidden, embedding size]
    let embeddingProjection: PackedMatrix?
    let distanceBias: DistanceBias?
    private(set) var layers: [LayerWeights] = []
    let finalNorm: NormWeights?

    /// Everything but the layers.
    init(
        tablesOf checkpoint: Checkpoint, _ d: TransformerDescription, packing: Packing, scales: InputScales
    ) throws(ModelError) {
        let (layout, hidden, size) = (checkpoint.layout, d.hiddenSize, d.embeddings.size)
        words = try checkpoint.tensor(layout.words + ".weight", [d.vocabularySize, size])
        wordUpdate = try checkpoint.update(
            layout.words, rows: d.vocabularySize, columns: size, table: words, packing.kernels)
        positions = try d.embeddings.positions.flatMap { (table) throws(ModelError) in
            try checkpoint.tensor((layout.positions ?? "") + ".weight", [table.rows, size])
        }
        types = try checkpoint.types(d, packing.kernels)
        let isPostNorm = d.residual == .postNorm
        let feedsFirstLayer = isPostNorm || d.embeddings.feedsFirstLayer
        embeddingNorm = try (d.embeddings.hasNorm ? layout.embeddingNorm : nil).map {
            (name) throws(ModelError) in
            try checkpoint.norm(name, size, d.norm, before: feedsFirstLayer ? scales[0] : nil)
        }
        embeddingProjection =
            size == hidden
            ? nil
            : try checkpoint.matrix(
                [.init(name: layout.embeddingProjection ?? "", rows: hidden)], inputs: size, hasBias: true,
                packing: packing)
        distanceBias = try checkpoint.distanceBias(d)
        finalNorm = try (isPostNorm ? nil : layout.finalNorm).map { (name) throws(ModelError) in
            try checkpoint.norm(name, hidden, d.norm)
        }
    }

    /// All of them.
    init(
        _ checkpoint: Checkpoint, _ d: TransformerDescription, _ matrices: LayerMatrices, _ packing: Packing
    ) throws(ModelError) {
        let (scales, each) = (InputScales(matrices.smoothing, d), LayerWeights.matrices)
        try self.init(tablesOf: checkpoint, d, packing: packing, scales: scales)
        for layer in 0..<d.layers {
            layers.append(
                try LayerWeights(
                    checkpoint, d, layer: layer, matrices: matrices.packed[layer * each..<(layer + 1) * each],
                    scales: scales,
                    packing: packing))
        }
    }

    var parameters: Int {
        let tables = words.elementCount + (positions?.elementCount ?? 0) + types.count
        let rest = [embeddingNorm?.parameters, embeddingProjection?.parameters, finalNorm?.parameters]
        return layers.reduce(rest.reduce(tables) { $0 + ($1 ?? 0) }) { $0 + $1.parameters }
    }

    /// Bytes of packed matrices and tables in memory.
    var bytes: Int {
        let tables =
            types.count * MemoryLayout<Float>.stride + (wordUpdate?.bytes ?? 0) + (distanceBias?.bytes ?? 0)
        return layers.reduce(tables + (embeddingProjection?.bytes ?? 0)) { $0 + $1.bytes }
    }
}

extension Checkpoint {
    /// The table of token types, [types, embedding size], with what an adapter adds.
    fileprivate func types(_ d: TransformerDescription, _ kernels: Kernels) throws(ModelError) -> [Float] {
        if d.embeddings.types == 0 { return [] }
        let (name, size) = (layout.types ?? "", d.embeddings.size)
        let table = try tensor(name + ".weight", [d.embeddings.types, size])
        var types = try floats(table)
        if let update = try update(name, rows: d.embeddings.types, columns: size, table: table, kernels) {
            types.withUnsafeMutableBufferPointer { types in
                guard let base = types.baseAddress else { return }
                for row in 0..<d.embeddings.types { update.apply(row: row, to: base + row * size, kernels) }
            }
        }
        return types
    }
}
