package import MartletCompute
internal import MartletWeights

/// The BERT encoder (Devlin et al. 2018) over ragged batches: absolute positions, post-norm, bidirectional attention.
package struct Bert: Encoder {
    package let configuration: BertConfiguration
    private let weights: BertWeights
    private let kernels: Kernels
    private let precision: ComputePrecision

    /// - Parameter smoothing: Scales for int8, ignored by the other precisions; nil: they are measured on `calibration`, which takes a forward pass.
    package init(
        _ configuration: BertConfiguration, _ tensors: BertTensors, precision: ComputePrecision, kernels: Kernels, pool: WorkerPool,
        smoothing: Smoothing? = nil, calibration: Calibration = Calibration()
    ) throws(ModelError) {
        self.configuration = configuration
        self.kernels = kernels
        self.precision = precision
        var scales: Smoothing?
        if precision == .int8 {
            if let smoothing {
                scales = smoothing
            } else {
                scales = try Bert.smoothing(configuration, tensors, calibration, kernels: kernels, pool: pool)
            }
        }
        weights = try BertWeights(tensors, configuration, precision: precision, kernels: kernels, pool: pool, smoothing: scales)
    }

    package var weightBytes: Int { weights.bytes }

    package var shape: EncoderShape {
        EncoderShape(
            architecture: "bert", layers: configuration.layers, hiddenSize: configuration.hiddenSize, heads: configuration.heads,
            intermediateSize: configuration.intermediateSize, vocabularySize: configuration.vocabularySize,
            maxPositions: configuration.maxPositions, parameters: weights.parameters, activation: configuration.activation.rawValue)
    }

    package func makeState(tokens: Int, longest: Int) -> any EncoderState {
        BertState(configuration, precision: precision, kernels: kernels, tokens: tokens, longest: longest)
    }

    package func stateBytes(tokens: Int, longest: Int) -> Int {
        BertState.bytes(configuration, precision: precision, kernels: kernels, tokens: tokens, longest: longest)
    }

    package func forward(_ batch: PackedBatch, _ state: any EncoderState) {
        guard let state = state as? BertState, batch.tokens <= state.tokenCapacity, batch.longest <= state.longestSequence else {
            preconditionFailure("a batch of \(batch.tokens) tokens does not fit the state that was made for it")
        }
        forward(batch, state) { _, _, _ in }
    }

    /// `observe(point, first row, rows)` is called whenever rows of the state's hidden states are the input of layer `point / 2`: of its
    /// attention where `point` is even, of its feed-forward network where it is odd.
    func forward(_ batch: PackedBatch, _ state: BertState, observe: (_ point: Int, _ first: Int, _ rows: Int) -> Void) {
        embed(batch, state)
        observe(0, 0, batch.tokens)
        for (index, layer) in weights.layers.enumerated() {
            layer.projections.apply(state.input(), rows: batch.tokens, to: state.projections.output())
            for sequence in 0..<batch.sequences {
                kernels.attention(
                    state.projections, state.context, first: batch.offsets[sequence], tokens: batch.length(of: sequence),
                    heads: configuration.heads, headSize: configuration.headSize, scale: 1 / Float(configuration.headSize).squareRoot(),
                    scratch: state.attentionScratch.pointer)
            }
            var first = 0
            while first < batch.tokens {
                let rows = min(BertState.rowBlock, batch.tokens - first)
                feedForward(layer, state, first, rows) { observe(2 * index + 1, first, rows) }
                observe(2 * index + 2, first, rows)
                first += rows
            }
        }
    }

    /// x = norm(word + position + type), one row a token.
    private func embed(_ batch: PackedBatch, _ state: BertState) {
        let hidden = configuration.hiddenSize
        let positionRow = state.positionRow.buffer
        for sequence in 0..<batch.sequences {
            for (position, token) in batch.range(of: sequence).enumerated() {
                let x = state.x.pointer + token * state.hiddenStride
                let id = Int(batch.ids[token])
                weights.words.readRows(id..<id + 1, into: UnsafeMutableBufferPointer(start: x, count: hidden))
                let type = batch.typeIDs.isEmpty ? 0 : Int(batch.typeIDs[token])
                weights.types.withUnsafeBufferPointer { types in
                    if let base = types.baseAddress { kernels.add(base + type * hidden, to: x, count: hidden) }
                }
                weights.positions.readRows(position..<position + 1, into: UnsafeMutableBufferPointer(rebasing: positionRow[0..<hidden]))
                kernels.add(state.positionRow.pointer, to: x, count: hidden)
            }
        }
        state.normalise(state.x.pointer, first: 0, rows: batch.tokens, weights.embeddingNorm, kernels)
    }

    /// x = norm(x + output(context)); x = norm(x + down(activation(up(x)))) for a block of rows.
    private func feedForward(_ layer: BertWeights.Layer, _ state: BertState, _ first: Int, _ rows: Int, observe: () -> Void) {
        let stride = state.hiddenStride
        let x = UnsafePointer(state.x.pointer + first * stride)
        let sum = PackedMatrix.Output(f32: state.sum.pointer, stride: stride)

        let context = state.quantised(state.context, state.contextU8, first, rows, kernels)
        layer.output.apply(context, rows: rows, to: sum, residual: x, residualStride: stride)
        state.normalise(state.sum.pointer, first: first, rows: rows, layer.outputNorm, kernels)
        observe()

        layer.up.apply(state.input(from: first), rows: rows, to: state.intermediate.output(), activation: configuration.activation)
        let intermediate = state.quantised(state.intermediate, state.intermediateU8, 0, rows, kernels)
        layer.down.apply(intermediate, rows: rows, to: sum, residual: x, residualStride: stride)
        state.normalise(state.sum.pointer, first: first, rows: rows, layer.layerNorm, kernels)
    }
}
