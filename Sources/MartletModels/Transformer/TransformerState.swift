internal import MartletCompute

/// One thread's buffers for a forward pass.
final class TransformerState: EncoderState {
    /// Rows that go through the feed-forward network together, so that its wide rows stay in the L2 cache.
    let rowBlock: Int
    let tokenCapacity: Int
    let longestSequence: Int
    let hiddenStride: Int
    /// [tokens, hidden] the residual stream
    let x: AlignedBuffer<Float>
    /// [tokens, hidden] the residual stream as the next product reads it, or [rowBlock, hidden] the norm of a
    /// block of it where norms come first; without rows in f32, where x or sum itself is read
    private let narrow: OperandRows
    /// [tokens, queries + keys + values]
    let projections: OperandRows
    /// [tokens, heads × head size]
    let context: OperandRows
    /// [rowBlock, intermediate], twice as wide where it is gated
    let intermediate: OperandRows
    /// [rowBlock, intermediate] after the gate
    let gated: OperandRows?
    /// [rowBlock, hidden] a product before its norm, or the norm of a block of x; empty where norms come
    /// after the sum and there are no experts
    let sum: AlignedBuffer<Float>
    /// Rows of one expert as its product reads them, what it makes of them, and [rowBlock, experts] the
    /// scores that choose it
    let expertInput: OperandRows?
    let expertSum: AlignedBuffer<Float>
    let expertScores: AlignedBuffer<Float>
    /// [rowBlock, embedding size] and the same as a product reads it, where a projection follows the
    /// embeddings
    let embeddings: AlignedBuffer<Float>
    let embeddingsNarrow: OperandRows?
    let embeddingsStride: Int
    let tableRow: AlignedBuffer<Float>
    /// [tokens]
    let positions: AlignedBuffer<Int32>
    /// [tokens] what makes a row of the batch a fine one, in int8; empty in other precisions and where there are
    /// experts
    private let fineFactors: AlignedBuffer<Float>
    private var hasFineRows = false
    /// [longest, keys + values] of one sequence and the prefix before it; nil until a batch has a prefix.
    private(set) var keys: OperandRows?
    private let keysExtent: OperandRows.Extent?
    /// What the pass keeps of the first tokens of its first sequence.
    private(set) var kept: TransformerPrefix?
    private let relativeStart: Int
    /// One for each member of the largest team so far.
    private var scratches: [Scratch]
    /// For each kind of layer, [longest]
    private let angles: [RotaryAngles?]
    /// The length of text whose angles those are; 0: of all that do not change them.
    private var anglesLength: [Int]

    init(
        _ d: TransformerDescription, precision: ComputePrecision, kernels: Kernels, tokens: Int, longest: Int
    ) {
        rowBlock = kernels.rowBlock
        let sizes = Sizes(d, precision: precision, kernels: kernels, tokens: tokens, longest: longest)
        tokenCapacity = tokens
        longestSequence = longest
        narrow = OperandRows(sizes.narrow)
        hiddenStride = sizes.hiddenStride
        x = AlignedBuffer(count: sizes.x)
        projections = OperandRows(sizes.projections)
        context = OperandRows(sizes.context)
        intermediate = OperandRows(sizes.intermediate)
        gated = sizes.gated.map(OperandRows.init)
        sum = AlignedBuffer(count: sizes.sum)
        expertInput = sizes.expertInput.map(OperandRows.init)
        expertSum = AlignedBuffer(count: sizes.expertSum)
        expertScores = AlignedBuffer(count: sizes.expertScores)
        embeddingsStride = sizes.embeddingsStride
        embeddings = AlignedBuffer(count: sizes.embeddings)
        embeddingsNarrow = sizes.embeddingsNarrow.map(OperandRows.init)
        tableRow = AlignedBuffer(count: sizes.tableRow)
        positions = AlignedBuffer(count: sizes.positions)
        fineFactors = AlignedBuffer(count: sizes.fineFactors)
        keysExtent = sizes.keys
        scratches = [Scratch(sizes.attentionScratch)]
        relativeStart = sizes.relativeStart
        angles = sizes.pairs.map { $0 == 0 ? nil : RotaryAngles(positions: longest, pairs: $0) }
        anglesLength = sizes.pairs.map { _ in -1 }
    }

    var hidden: UnsafeMutablePointer<Float> { x.pointer }

    var bytes: Int {
        let rows = [narrow, projections, context, intermediate, gated, expertInput, embeddingsNarrow, keys]
        return rows.reduce(0) { $0 + ($1?.bytes ?? 0) } + x.bytes + sum.bytes + expertSum.bytes
            + expertScores.bytes + embeddings.bytes
            + tableRow.bytes + positions.bytes + fineFactors.bytes
            + scratches.reduce(0) { $0 + $1.memory.bytes } + angles.reduce(0) { $0 + ($1?.bytes ?? 0) }
    }

    /// What one member's attention works in.
    private final class Scratch {
        let memory: AlignedBuffer<UInt8>
        init(_ count: Int) { memory = AlignedBuffer(count: count) }
    }

    func prepare(members: Int) {
        while scratches.count < members { scratches.append(Scratch(scratches[0].memory.count)) }
    }

    /// Marks the rows of texts that have few tokens, in int8.
    ///
    /// Which ones depends on the text alone, so that its vector is the same whatever batch it is in.
    func markFineRows(of batch: PackedBatch) {
        hasFineRows = false
        guard fineFactors.count > 0 else { return }
        for sequence in 0..<batch.sequences {
            let isFine = batch.position(of: sequence) + batch.length(of: sequence) <= Self.tokensOfFine
            hasFineRows = hasFineRows || isFine
            for row in batch.range(of: sequence) {
                fineFactors.pointer[row] = isFine ? FineRows.factor : 0
            }
        }
    }

    /// Which of the batch's rows from `first` on are fine; nil: none of the batch is.
    func fineRows(from first: Int) -> FineRows? {
        hasFineRows ? FineRows(factors: fineFactors.pointer + first) : nil
    }

    /// Tokens of a text, special ones included, up to which its rows are fine: see docs/decisions/0021.
    private static let tokensOfFine = 5

    /// Makes room for the keys and values of a batch's prefix, and for those that it keeps.
    func preparePrefix(for batch: PackedBatch, _ description: TransformerDescription) {
        kept = nil
        guard let keysExtent else { return }
        if batch.prefix != nil { prepareKeys() }
        if batch.keeps > 0 {
            kept = TransformerPrefix(
                count: batch.keeps, layers: description.layers, form: keysExtent.form,
                width: keysExtent.width)
        }
    }

    /// Makes room for the keys and values of a text with a prefix.
    func prepareKeys() {
        if keys == nil { keys = keysExtent.map(OperandRows.init) }
    }

    func takePrefix() -> (any EncodedPrefix)? {
        defer { kept = nil }
        return kept
    }

    func hasScratch(for members: Int) -> Bool { members <= scratches.count }
    func attentionScratch(_ member: Int) -> UnsafeMutablePointer<UInt8> { scratches[member].memory.pointer }

    /// The part of a member's scratch for scores with relative positions.
    func relativeScratch(_ scratch: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<Float> {
        UnsafeMutableRawPointer(scratch + relativeStart).assumingMemoryBound(to: Float.self)
    }

    /// Row `row` of the residual stream.
    func stream(_ row: Int) -> UnsafeMutablePointer<Float> { x.pointer + row * hiddenStride }

    /// The residual stream from row `first` on as the left side of a product, where norms come after it.
    func input(from first: Int) -> PackedMatrix.Operand {
        narrow.form == .f32
            ? .init(f32: stream(first), stride: hiddenStride)
            : narrow.operand(from: first, fine: fineRows(from: first))
    }

    /// The step that puts the norm of `rows` rows at `source` into the residual stream from row `first` on,
    /// and into what products read there.
    func norming(_ source: UnsafeMutablePointer<Float>, first: Int, rows: Int, _ weights: NormWeights)
        -> RowStep
    {
        narrow.norming(
            source, stride: hiddenStride, output: stream(first), first: first, rows: rows,
            fine: fineRows(from: first), weights)
    }

    /// Norm of a block of the residual stream, from row `first` on, at `output`, as the left side of a
    /// product. Those of its rows are computed that are the caller's.
    func normalised(
        _ weights: NormWeights, first: Int, _ rows: Range<Int>, output: UnsafeMutablePointer<Float>,
        _ kernels: Kernels
    )
        -> PackedMatrix.Operand
    {
        narrow.norming(
            stream(first + rows.lowerBound), stride: hiddenStride,
            output: output + rows.lowerBound * hiddenStride, first: rows.lowerBound,
            rows: rows.count, fine: fineRows(from: first + rows.lowerBound), weights
        ).run(kernels)
        return narrow.form == .f32
            ? .init(f32: output, stride: hiddenStride) : narrow.operand(fine: fineRows(from: first))
    }

    /// Rows `first + each` of the residual stream as the left side of an expert's product.
    func gathered(_ each: [Int], first: Int) -> PackedMatrix.Operand? {
        guard let input = expertInput else { return nil }
        for (row, from) in each.enumerated() {
            if input.form == .f32 {
                (input.f32 + row * input.stride).update(from: stream(first + from), count: hiddenStride)
            } else {
                input.copyRow(first + from, of: narrow, to: row)
            }
        }
        return input.operand()
    }

    /// A product into the residual stream, and into what products read there.
    func project(_ matrix: PackedMatrix, _ a: PackedMatrix.Operand, first: Int, rows: Int, _ kernels: Kernels)
    {
        matrix.apply(a, rows: rows, to: .init(f32: stream(first), stride: hiddenStride))
        switch narrow.form {
        case .f32: break
        case .bf16: matrix.apply(a, rows: rows, to: narrow.output(from: first))
        case .u8:
            narrow.quantise(
                f32: stream(first), stride: hiddenStride, into: first, rows: rows,
                fine: fineRows(from: first), kernels)
        }
    }

    /// The angles of a kind of layer for a text of `length` tokens; nil: it has none.
    func angles(_ span: Int, _ rotary: Rotary?, length: Int) -> RotaryAngles? {
        guard let rotary, let angles = angles[span] else { return nil }
        let wanted = rotary.growth.map { length > $0.trained } == true ? length : 0
        if anglesLength[span] != wanted {
            angles.fill(
                positions: wanted == 0 ? longestSequence : wanted,
                frequencies: rotary.frequencies(length: wanted), factor: rotary.factor,
                start: rotary.start)
            anglesLength[span] = wanted
        }
        return angles
    }
}
