package import MartletCompute
internal import MartletWeights

/// A transformer encoder over ragged batches (Vaswani et al. 2017), as its description says.
package struct Transformer: Encoder {
    package let description: TransformerDescription
    let weights: TransformerWeights
    let kernels: Kernels
    private let precision: ComputePrecision

    /// - Parameter smoothing: Scales for int8, ignored by the other precisions; nil: they are measured on `calibration`, which takes a forward pass.
    package init(
        _ description: TransformerDescription, _ checkpoint: Checkpoint, precision: ComputePrecision, kernels: Kernels, pool: WorkerPool,
        smoothing: Smoothing? = nil, calibration: Calibration = Calibration()
    ) throws(ModelError) {
        self.description = description
        self.kernels = kernels
        self.precision = precision
        var scales: Smoothing?
        if precision == .int8 {
            if let smoothing {
                scales = smoothing
            } else {
                scales = try Transformer.smoothing(description, checkpoint, calibration, kernels: kernels, pool: pool)
            }
        }
        weights = try TransformerWeights(checkpoint, description, precision: precision, kernels: kernels, pool: pool, smoothing: scales)
    }

    package var weightBytes: Int { weights.bytes }

    package var shape: EncoderShape {
        EncoderShape(
            architecture: description.architecture, layers: description.layers, hiddenSize: description.hiddenSize,
            heads: description.attention.heads, intermediateSize: description.feedForward.size,
            vocabularySize: description.vocabularySize, maxPositions: description.maxPositions, parameters: weights.parameters,
            activation: description.feedForward.activation.rawValue)
    }

    package func makeState(tokens: Int, longest: Int) -> any EncoderState {
        TransformerState(description, precision: precision, kernels: kernels, tokens: tokens, longest: longest)
    }

    package func stateBytes(tokens: Int, longest: Int) -> Int {
        TransformerState.Sizes(description, precision: precision, kernels: kernels, tokens: tokens, longest: longest).bytes
    }

    package func forward(_ batch: PackedBatch, _ state: any EncoderState) {
        guard let state = state as? TransformerState, batch.tokens <= state.tokenCapacity, batch.longest <= state.longestSequence else {
            preconditionFailure("a batch of \(batch.tokens) tokens does not fit the state that was made for it")
        }
        forward(batch, state) { _, _, _ in }
    }

    /// `observe(point, values, rows)` is called with the rows that layer `point / 2` reads, before they are narrowed: its attention where
    /// `point` is even, its feed-forward network where it is odd.
    func forward(
        _ batch: PackedBatch, _ state: TransformerState, observe: (_ point: Int, _ values: UnsafePointer<Float>, _ rows: Int) -> Void
    ) {
        embed(batch, state)
        for (index, layer) in weights.layers.enumerated() {
            observe(2 * index, state.hidden, batch.tokens)
            layer.projections.apply(state.input(), rows: batch.tokens, to: state.projections.output())
            attend(batch, state)
            var first = 0
            while first < batch.tokens {
                let rows = min(TransformerState.rowBlock, batch.tokens - first)
                addAttention(layer, state, first, rows)
                observe(2 * index + 1, state.stream(first), rows)
                addFeedForward(layer, state, first, rows)
                first += rows
            }
        }
    }

    /// context = softmax(scale · Q Kᵀ) V for each sequence.
    private func attend(_ batch: PackedBatch, _ state: TransformerState) {
        for sequence in 0..<batch.sequences {
            kernels.attention(
                state.projections, state.context, first: batch.offsets[sequence], tokens: batch.length(of: sequence),
                heads: description.attention.heads, headSize: description.attention.headSize, scale: description.attention.scale,
                scratch: state.attentionScratch.pointer)
        }
    }

    /// x = norm(x + output(context)) for a block of rows.
    private func addAttention(_ layer: TransformerWeights.Layer, _ state: TransformerState, _ first: Int, _ rows: Int) {
        let context = state.quantised(state.context, state.contextU8, first, rows, kernels)
        add(layer.output, context, layer.afterAttention, state, first, rows)
    }

    /// x = norm(x + down(activation(up(x)))) for a block of rows.
    private func addFeedForward(_ layer: TransformerWeights.Layer, _ state: TransformerState, _ first: Int, _ rows: Int) {
        layer.up.apply(
            state.input(from: first), rows: rows, to: state.intermediate.output(), activation: description.feedForward.activation)
        let intermediate = state.quantised(state.intermediate, state.intermediateU8, 0, rows, kernels)
        add(layer.down, intermediate, layer.afterFeedForward, state, first, rows)
    }

    /// x = norm(x + matrix · a) for a block of rows.
    private func add(
        _ matrix: PackedMatrix, _ a: PackedMatrix.Operand, _ norm: NormWeights, _ state: TransformerState, _ first: Int, _ rows: Int
    ) {
        matrix.apply(
            a, rows: rows, to: .init(f32: state.sum.pointer, stride: state.hiddenStride), residual: state.stream(first),
            residualStride: state.hiddenStride)
        state.normalise(state.sum.pointer, first: first, rows: rows, norm, kernels)
    }
}
