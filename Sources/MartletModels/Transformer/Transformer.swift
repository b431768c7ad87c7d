package import MartletCompute
internal import MartletWeights

/// A transformer encoder over ragged batches (Vaswani et al. 2017), as its description says.
package struct Transformer: CPUEncoder {
    package let description: TransformerDescription
    let weights: TransformerWeights
    let kernels: Kernels
    let precision: ComputePrecision

    /// - Parameter smoothing: Scales for int8, ignored by the other precisions; nil: they are measured on the
    ///   calibration's tokens, which takes a forward pass.
    package init(
        _ description: TransformerDescription, _ checkpoint: Checkpoint, _ backend: CPUBackend,
        smoothing: Smoothing? = nil
    ) throws(ModelError) {
        try checkpoint.requireTensors(forLayers: description.layers)
        self.description = description
        kernels = backend.kernels
        precision = backend.precision
        let matrices = try LayerMatrices(kept: checkpoint, description, smoothing: smoothing, backend)
        weights = try TransformerWeights(
            checkpoint, description, matrices, Packing(precision: precision, kernels: kernels))
        shape = Self.shape(description, weights)
    }

    /// An encoder whose layers are run one at a time by who packs them.
    init(
        _ description: TransformerDescription, tables: TransformerWeights, precision: ComputePrecision,
        kernels: Kernels
    ) {
        self.description = description
        self.kernels = kernels
        self.precision = precision
        weights = tables
        shape = Self.shape(description, weights)
    }

    /// Counted once: every call asks for it.
    package let shape: EncoderShape

    package var weightBytes: Int { weights.bytes }

    private static func shape(_ description: TransformerDescription, _ weights: TransformerWeights)
        -> EncoderShape
    {
        EncoderShape(
            architecture: description.architecture, layers: description.layers,
            hiddenSize: description.hiddenSize,
            heads: description.attention.heads, intermediateSize: description.feedForward.size,
            vocabularySize: description.vocabularySize, typeVocabularySize: description.embeddings.types,
            maxPositions: description.maxPositions, parameters: weights.parameters,
            activation: description.feedForward.activation.rawValue)
    }

    package func makeState(tokens: Int, longest: Int) -> any EncoderState {
        TransformerState(
            description, precision: precision, kernels: kernels, tokens: tokens, longest: longest)
    }

    package func stateBytes(tokens: Int, longest: Int) -> Int {
        TransformerState.Sizes(
            description, precision: precision, kernels: kernels, tokens: tokens, longest: longest
        ).bytes
    }

    package func memberBytes(longest: Int) -> Int {
        let sizes = TransformerState.Sizes(
            description, precision: precision, kernels: kernels, tokens: 1, longest: longest)
        return AlignedBuffer<UInt8>.bytes(count: sizes.attentionScratch)
    }

    package func forward(_ batch: PackedBatch, _ state: any EncoderState, _ member: TeamMember) {
        guard let state = state as? TransformerState, batch.tokens <= state.tokenCapacity,
            batch.longest <= state.longestSequence,
            state.hasScratch(for: member.count)
        else {
            preconditionFailure(
                "a batch of \(batch.tokens) tokens does not fit the state that was made for it")
        }
        forward(batch, Pass(state: state, member: member))
    }

    /// Called with the rows that layer `point / 2` reads, before they are narrowed: its attention where
    /// `point` is even, its feed-forward network where it is odd.
    typealias Observer = (_ point: Int, _ values: UnsafePointer<Float>, _ rows: Int) -> Void

    /// What the steps of one pass share.
    ///
    /// A team takes each step together: products by columns, attention by heads, norms by rows. Each sum is
    /// one member's, so that its order is the same for any number of members; they wait for each other where
    /// a step reads what another wrote.
    struct Pass {
        let state: TransformerState
        var member = TeamMember.alone
        var observe: Observer?
    }

    func forward(_ batch: PackedBatch, _ pass: Pass) {
        begin(batch, pass)
        for (index, layer) in weights.layers.enumerated() {
            if pass.member.isAbandoned { return }
            run(layer, index, batch, pass)
        }
        let (state, member) = (pass.state, pass.member)
        if let norm = weights.finalNorm {
            let mine = member.share(of: batch.tokens)
            let x = state.stream(mine.lowerBound)
            norm.norming(x, stride: state.hiddenStride, output: x, rows: mine.count).run(kernels)
            member.sync()
        }
    }

    /// The embeddings, which the first layer reads.
    func begin(_ batch: PackedBatch, _ pass: Pass) {
        if pass.member.leads {
            pass.state.preparePrefix(for: batch, description)
            pass.state.markFineRows(of: batch)
            embed(batch, pass.state)
            if pass.member.count > 1 { prepareAngles(batch, pass.state) }
        }
        pass.member.sync()
    }

    /// Takes the stream through layer `index`.
    func run(_ layer: LayerWeights, _ index: Int, _ batch: PackedBatch, _ pass: Pass) {
        let block = pass.state.rowBlock
        // Norms that come first are taken a block at a time.
        for rows in blocks(batch.tokens, description.residual == .postNorm ? batch.tokens : block) {
            project(layer, 2 * index, rows, pass)
        }
        if let convolution = layer.convolution {
            convolve(convolution, batch, pass)
        } else {
            attend(layer, number: index, of: batch, pass)
        }
        for rows in blocks(batch.tokens, block) {
            addAttention(layer, rows, pass)
            addFeedForward(layer, 2 * index + 1, rows, pass)
        }
    }

    /// Queries, keys and values of `rows`.
    private func project(_ layer: LayerWeights, _ point: Int, _ rows: Range<Int>, _ pass: Pass) {
        // Where the embeddings' norm feeds the first layer, it is taken here and kept.
        let isFirst = point == 0 && description.embeddings.feedsFirstLayer
        let norm = isFirst ? weights.embeddingNorm : layer.beforeAttention
        let input = input(norm, keeps: isFirst, point, rows, pass)
        layer.projections.apply(
            input, rows: rows.count, to: pass.state.projections.output(from: rows.lowerBound), pass.member)
        pass.member.sync()
    }

    /// context = softmax(scale · Q Kᵀ + bias) V for each sequence.
    private func attend(_ layer: LayerWeights, number: Int, of batch: PackedBatch, _ pass: Pass) {
        let span = description.attention.span(ofLayer: number)
        let (attention, heads, state) = (
            description.attention, description.attention.heads(span: span), pass.state
        )
        let keys = pass.member.share(of: heads.keys)
        let queries =
            keys.lowerBound * (heads.queries / heads.keys)..<keys.upperBound * (heads.queries / heads.keys)
        let prefix = (batch.prefix as? TransformerPrefix)?.rows(ofLayer: number)
        var valid = 0
        for sequence in 0..<batch.sequences {
            let (first, tokens) = (batch.offsets[sequence], batch.length(of: sequence))
            let position = batch.position(of: sequence)
            let angles = state.angles(span, attention.spans[span].rotary, length: position + tokens)
            if angles != nil || layer.queryNorm != nil {
                kernels.heads(
                    state.projections, first: first, tokens: tokens, column: queries.lowerBound * heads.size,
                    heads: queries.count,
                    headSize: heads.size, norm: layer.queryNorm, rotary: angles, position: position)
                kernels.heads(
                    state.projections, first: first, tokens: tokens,
                    column: attention.width + keys.lowerBound * heads.size,
                    heads: keys.count, headSize: heads.size, norm: layer.keyNorm, rotary: angles,
                    position: position)
            }
            if let growth = attention.queryGrowth {
                let columns = queries.lowerBound * heads.size..<queries.upperBound * heads.size
                for token in max(0, growth.every - position)..<max(tokens, growth.every - position, 0) {
                    state.projections.multiply(
                        row: first + token, columns, by: growth.scale(at: position + token))
                }
            }
            if sequence == 0, let kept = state.kept {
                copyKeys(
                    of: state.projections, row: first, column: attention.width,
                    to: kept.rows(ofLayer: number), row: 0, count: kept.count, keys)
            }
            if let prefix, position > 0 {
                attendAfterPrefix(
                    prefix, position: position, first: first, tokens: tokens, heads, keyHeads: keys,
                    valid: &valid, pass)
                continue
            }
            if let relative = layer.relative, let rows = attention.relative {
                attendRelative(
                    relative, rows, first: first, tokens: tokens, heads, keys,
                    state.attentionScratch(pass.member.index), state)
                continue
            }
            let attended = batch.attended(of: sequence)
            kernels.attention(
                state.projections, state.context, first: first, tokens: attended, heads, keyHeads: keys,
                bias: weights.distanceBias,
                scratch: state.attentionScratch(pass.member.index))
            if attended < tokens { attendHidden(first, tokens, attended: attended, heads, keys, pass) }
        }
        pass.member.sync()
    }

    /// context = c · conv(b · x) for each sequence.
    private func convolve(_ convolution: ShortConvolution, _ batch: PackedBatch, _ pass: Pass) {
        let columns = pass.member.share(of: description.hiddenSize)
        for sequence in 0..<batch.sequences {
            convolution.apply(
                pass.state.projections, to: pass.state.context, rows: batch.range(of: sequence), columns)
        }
        pass.member.sync()
    }

    /// The angles of each kind of layer, which members may then read at the same time: a team's batch is one
    /// sequence.
    private func prepareAngles(_ batch: PackedBatch, _ state: TransformerState) {
        precondition(batch.sequences == 1, "a team takes one text at a time")
        for (span, reach) in description.attention.spans.enumerated() {
            _ = state.angles(span, reach.rotary, length: batch.longest)
        }
    }

    /// The context of the tokens that none attends to, as many at a time as there are tokens to attend to. A
    /// query's position plays no part: `hidesTokens` says so.
    private func attendHidden(
        _ first: Int, _ tokens: Int, attended: Int, _ heads: AttentionHeads, _ keys: Range<Int>, _ pass: Pass
    ) {
        let heads = AttentionHeads(
            queries: heads.queries, keys: heads.keys, size: heads.size, scale: heads.scale)
        for start in stride(from: attended, to: tokens, by: attended) {
            // The last window reaches back over queries that give the same again.
            let start = min(start, tokens - attended)
            kernels.attention(
                pass.state.projections, pass.state.context, first: first, tokens: attended, heads,
                keyHeads: keys,
                queriesFrom: first + start, scratch: pass.state.attentionScratch(pass.member.index))
        }
    }

    package func hidesTokens(ofTextsUpTo tokens: Int) -> Bool {
        let attention = description.attention
        return !attention.isCausal && attention.distanceBias == nil && attention.relative == nil
            && description.convolution == nil
            && attention.spans.allSatisfy { $0.reach.map { tokens - 1 <= $0 } ?? true }
    }

    /// Adds output(context) to `rows`.
    private func addAttention(_ layer: LayerWeights, _ rows: Range<Int>, _ pass: Pass) {
        let (context, fine) = (pass.state.context, pass.state.fineRows(from: rows.lowerBound))
        if let step = context.quantising(from: rows.lowerBound, rows: rows.count, fine: fine) {
            step.run(kernels, rows: pass.member.share(of: rows.count))
            pass.member.sync()
        }
        let operand = context.operand(from: rows.lowerBound, fine: fine)
        add(layer.output, operand, layer.afterAttention, rows, pass)
    }

    /// Adds down(activation(up(x))), or down(activation(a) · b) where up(x) gives [a | b], to `rows`.
    private func addFeedForward(_ layer: LayerWeights, _ point: Int, _ rows: Range<Int>, _ pass: Pass) {
        let (state, member) = (pass.state, pass.member)
        if let experts = layer.experts {
            if member.leads { addExperts(layer, experts, point, rows, pass) }
            member.sync()
            return
        }
        let (feedForward, inner) = (description.feedForward, state.gated ?? state.intermediate)
        let input = input(layer.beforeFeedForward, point, rows, pass)
        let fine = state.fineRows(from: rows.lowerBound)
        let step = inner.quantising(rows: rows.count, fine: fine)
        if let gate = feedForward.gate {
            layer.up[0].apply(input, rows: rows.count, to: state.intermediate.output(), member)
            member.sync()
            let mine = member.share(of: rows.count)
            kernels.gate(
                state.intermediate, inner, mine, activation: feedForward.activation,
                activatesSecond: gate == .second)
            step?.run(kernels, rows: mine)
        } else {
            layer.up[0].apply(
                input, rows: rows.count, to: inner.output(), activation: feedForward.activation, then: step,
                member)
        }
        member.sync()
        add(layer.down[0], inner.operand(fine: fine), layer.afterFeedForward, rows, pass)
    }

    /// What a layer's matrix reads of `rows`: their norm, or what a norm left in them.
    private func input(
        _ norm: NormWeights?, keeps: Bool = false, _ point: Int, _ rows: Range<Int>, _ pass: Pass
    ) -> PackedMatrix.Operand {
        let state = pass.state
        let stream = state.stream(rows.lowerBound)
        guard let norm else {
            pass.observe?(point, stream, rows.count)
            return state.input(from: rows.lowerBound)
        }
        let output = keeps ? stream : state.sum.pointer
        let input = state.normalised(
            norm, first: rows.lowerBound, pass.member.share(of: rows.count), output: output, kernels)
        pass.member.sync()
        pass.observe?(point, output, rows.count)
        return input
    }

    /// Adds matrix · a to `rows` of the residual stream, with a norm after it where there is one.
    private func add(
        _ matrix: PackedMatrix, _ a: PackedMatrix.Operand, _ norm: NormWeights?, _ rows: Range<Int>,
        _ pass: Pass
    ) {
        let (state, member) = (pass.state, pass.member)
        let (x, stride, sum) = (state.stream(rows.lowerBound), state.hiddenStride, state.sum.pointer)
        if let norm, description.residual != .postNorm {
            let step = norm.norming(sum, stride: stride, output: sum, rows: rows.count)
            matrix.apply(a, rows: rows.count, to: .init(f32: sum, stride: stride), then: step, member)
            // The rows whose norm the member took.
            let mine = member.share(of: rows.count)
            kernels.add(
                sum + mine.lowerBound * stride, to: x + mine.lowerBound * stride, count: mine.count * stride)
        } else {
            let step = norm.map { state.norming(x, first: rows.lowerBound, rows: rows.count, $0) }
            matrix.apply(
                a, rows: rows.count, to: .init(f32: x, stride: stride), residual: x, residualStride: stride,
                then: step, member)
        }
        member.sync()
    }

    /// Rows in even blocks of at most `size`.
    func blocks(_ rows: Int, _ size: Int) -> LazyMapSequence<Range<Int>, Range<Int>> {
        let count = (rows + size - 1) / max(size, 1)
        return (0..<count).lazy.map { rows * $0 / count..<rows * ($0 + 1) / count }
    }
}
