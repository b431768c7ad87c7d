internal import MartletCompute
internal import MartletWeights

/// The weights of a BERT encoder, packed for one instruction set and precision.
///
/// Tables that are looked up stay in the file and are read a row at a time; matrices are packed.
struct BertWeights: Sendable {
    struct Layer: Sendable {
        /// [3 × hidden, hidden]: query, key, value
        let projections: PackedMatrix
        /// [hidden, hidden]
        let output: PackedMatrix
        let outputNorm: NormWeights
        /// [intermediate, hidden]
        let up: PackedMatrix
        /// [hidden, intermediate]
        let down: PackedMatrix
        let layerNorm: NormWeights
    }

    /// [vocabulary, hidden], in the file
    let words: TensorView
    /// [positions, hidden], in the file
    let positions: TensorView
    /// [types, hidden]
    let types: [Float]
    let embeddingNorm: NormWeights
    let layers: [Layer]
    let parameters: Int

    init(
        _ names: BertTensors, _ configuration: BertConfiguration, precision: ComputePrecision, kernels: Kernels, pool: WorkerPool,
        smoothing: Smoothing?
    ) throws(ModelError) {
        let c = configuration
        let hidden = c.hiddenSize
        // Before anything is sized by it: a layer has 16 tensors.
        guard c.layers <= names.source.tensorNames.count / 16 else {
            throw ModelError(
                .missingTensor, "\(names.file) has \(names.source.tensorNames.count) tensors, too few for \(c.layers) layers of 16 each",
                file: names.file)
        }
        words = try names.tensor("embeddings.word_embeddings.weight", [c.vocabularySize, hidden])
        positions = try names.tensor("embeddings.position_embeddings.weight", [c.maxPositions, hidden])
        types = try names.floats("embeddings.token_type_embeddings.weight", [c.typeVocabularySize, hidden])
        embeddingNorm = try names.norm("embeddings.LayerNorm", hidden, c.normEpsilon, before: smoothing?.projections(layer: 0))

        func pack(_ parts: [String], _ outputs: Int, _ inputs: Int, _ scales: [Float]? = nil) throws(ModelError) -> PackedMatrix {
            try names.matrix(parts, outputs: outputs, inputs: inputs, columnScales: scales, precision: precision, kernels: kernels)
        }
        // Four matrices a layer, packed on all threads.
        let matrices = try pool.map(c.layers * 4) { index throws(ModelError) in
            let layer = "encoder.layer.\(index / 4)."
            return switch index % 4 {
            case 0:
                try pack(
                    ["query", "key", "value"].map { layer + "attention.self." + $0 }, hidden, hidden,
                    smoothing?.projections(layer: index / 4))
            case 1: try pack([layer + "attention.output.dense"], hidden, hidden)
            case 2: try pack([layer + "intermediate.dense"], c.intermediateSize, hidden, smoothing?.feedForward(layer: index / 4))
            default: try pack([layer + "output.dense"], hidden, c.intermediateSize)
            }
        }
        var layers: [Layer] = []
        for index in 0..<c.layers {
            let layer = "encoder.layer.\(index)."
            layers.append(
                Layer(
                    projections: matrices[index * 4], output: matrices[index * 4 + 1],
                    outputNorm: try names.norm(
                        layer + "attention.output.LayerNorm", hidden, c.normEpsilon, before: smoothing?.feedForward(layer: index)),
                    up: matrices[index * 4 + 2], down: matrices[index * 4 + 3],
                    layerNorm: try names.norm(
                        layer + "output.LayerNorm", hidden, c.normEpsilon,
                        before: index + 1 < c.layers ? smoothing?.projections(layer: index + 1) : nil)))
        }
        self.layers = layers
        let perLayer = 4 * (hidden * hidden + hidden) + 2 * hidden * c.intermediateSize + c.intermediateSize + hidden + 4 * hidden
        parameters = (c.vocabularySize + c.maxPositions + c.typeVocabularySize) * hidden + 2 * hidden + c.layers * perLayer
    }

    /// Bytes of packed matrices and tables in memory.
    var bytes: Int {
        layers.reduce(types.count * 4) { $0 + $1.projections.bytes + $1.output.bytes + $1.up.bytes + $1.down.bytes }
    }
}
