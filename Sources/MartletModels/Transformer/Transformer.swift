package import MartletCompute
internal import MartletWeights

/// A transformer encoder over ragged batches (Vaswani et al. 2017), as its description says.
package struct Transformer: Encoder {
    package let description: TransformerDescription
    let weights: TransformerWeights
    let kernels: Kernels
    private let precision: ComputePrecision

    /// - Parameter smoothing: Scales for int8, ignored by the other precisions; nil: they are measured on `calibration`, which takes a
    ///   forward pass.
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

    /// Called with the rows that layer `point / 2` reads, before they are narrowed: its attention where `point` is even, its feed-forward
    /// network where it is odd.
    typealias Observer = (_ point: Int, _ values: UnsafePointer<Float>, _ rows: Int) -> Void

    func forward(_ batch: PackedBatch, _ state: TransformerState, observe: Observer) {
        embed(batch, state)
        for (index, layer) in weights.layers.enumerated() {
            // Norms that come first are taken a block at a time.
            for rows in blocks(batch.tokens, description.residual == .postNorm ? batch.tokens : TransformerState.rowBlock) {
                project(layer, 2 * index, rows, state, observe)
            }
            attend(layer, description.attention.span(ofLayer: index), batch, state)
            for rows in blocks(batch.tokens, TransformerState.rowBlock) {
                addAttention(layer, rows, state)
                addFeedForward(layer, 2 * index + 1, rows, state, observe)
            }
        }
        weights.finalNorm?.apply(state.x.pointer, stride: state.hiddenStride, output: state.x.pointer, rows: batch.tokens, kernels)
    }

    /// Queries, keys and values of `rows`.
    private func project(
        _ layer: TransformerWeights.Layer, _ point: Int, _ rows: Range<Int>, _ state: TransformerState, _ observe: Observer
    ) {
        // Where the embeddings' norm feeds the first layer, it is taken here and kept.
        let isFirst = point == 0 && description.embeddings.feedsFirstLayer
        let norm = isFirst ? weights.embeddingNorm : layer.beforeAttention
        let input = input(norm, keeps: isFirst, point, rows, state, observe)
        layer.projections.apply(input, rows: rows.count, to: state.projections.output(from: rows.lowerBound))
    }

    /// context = softmax(scale · Q Kᵀ + bias) V for each sequence.
    private func attend(_ layer: TransformerWeights.Layer, _ span: Int, _ batch: PackedBatch, _ state: TransformerState) {
        let (attention, heads) = (description.attention, description.attention.heads(span: span))
        for sequence in 0..<batch.sequences {
            let (first, tokens) = (batch.offsets[sequence], batch.length(of: sequence))
            let angles = state.angles(span, attention.spans[span].rotary, length: tokens)
            if angles != nil || layer.queryNorm != nil {
                kernels.heads(
                    state.projections, first: first, tokens: tokens, column: 0, heads: heads.queries, headSize: heads.size,
                    norm: layer.queryNorm, rotary: angles)
                kernels.heads(
                    state.projections, first: first, tokens: tokens, column: attention.width, heads: heads.keys, headSize: heads.size,
                    norm: layer.keyNorm, rotary: angles)
            }
            kernels.attention(
                state.projections, state.context, first: first, tokens: tokens, heads, bias: weights.distanceBias,
                scratch: state.attentionScratch.pointer)
        }
    }

    /// Adds output(context) to `rows`.
    private func addAttention(_ layer: TransformerWeights.Layer, _ rows: Range<Int>, _ state: TransformerState) {
        let context = state.quantised(state.context, state.contextU8, rows.lowerBound, rows.count, kernels)
        add(layer.output, context, layer.afterAttention, rows, state)
    }

    /// Adds down(activation(up(x))), or down(activation(a) · b) where up(x) gives [a | b], to `rows`.
    private func addFeedForward(
        _ layer: TransformerWeights.Layer, _ point: Int, _ rows: Range<Int>, _ state: TransformerState, _ observe: Observer
    ) {
        if let experts = layer.experts {
            addExperts(layer, experts, point, rows, state, observe)
            return
        }
        let feedForward = description.feedForward
        let input = input(layer.beforeFeedForward, point, rows, state, observe)
        var intermediate = state.intermediate
        if let gate = feedForward.gate, let gated = state.gated {
            layer.up[0].apply(input, rows: rows.count, to: intermediate.output())
            kernels.gate(intermediate, gated, rows: rows.count, activation: feedForward.activation, activatesSecond: gate == .second)
            intermediate = gated
        } else {
            layer.up[0].apply(input, rows: rows.count, to: intermediate.output(), activation: feedForward.activation)
        }
        add(layer.down[0], state.quantised(intermediate, state.intermediateU8, 0, rows.count, kernels), layer.afterFeedForward, rows, state)
    }

    /// What a layer's matrix reads of `rows`: their norm, or what a norm left in them.
    private func input(
        _ norm: NormWeights?, keeps: Bool = false, _ point: Int, _ rows: Range<Int>, _ state: TransformerState, _ observe: Observer
    ) -> PackedMatrix.Operand {
        let stream = state.stream(rows.lowerBound)
        guard let norm else {
            observe(point, stream, rows.count)
            return state.input(from: rows.lowerBound)
        }
        let output = keeps ? stream : state.sum.pointer
        let input = state.normalised(norm, first: rows.lowerBound, rows: rows.count, output: output, kernels)
        observe(point, output, rows.count)
        return input
    }

    /// Adds matrix · a to `rows` of the residual stream, with a norm after it where there is one.
    private func add(
        _ matrix: PackedMatrix, _ a: PackedMatrix.Operand, _ norm: NormWeights?, _ rows: Range<Int>, _ state: TransformerState
    ) {
        let (x, sum, stride) = (state.stream(rows.lowerBound), state.sum.pointer, state.hiddenStride)
        guard let norm else {
            matrix.apply(a, rows: rows.count, to: .init(f32: x, stride: stride), residual: x, residualStride: stride)
            return
        }
        if description.residual == .postNorm {
            matrix.apply(a, rows: rows.count, to: .init(f32: sum, stride: stride), residual: x, residualStride: stride)
            state.normalise(sum, first: rows.lowerBound, rows: rows.count, norm, kernels)
        } else {
            matrix.apply(a, rows: rows.count, to: .init(f32: sum, stride: stride))
            norm.apply(sum, stride: stride, output: sum, rows: rows.count, kernels)
            kernels.add(sum, to: x, count: rows.count * stride)
        }
    }

    /// Rows in blocks of at most `size`.
    func blocks(_ rows: Int, _ size: Int) -> some Sequence<Range<Int>> {
        stride(from: 0, to: rows, by: max(size, 1)).lazy.map { $0..<min($0 + size, rows) }
    }
}
