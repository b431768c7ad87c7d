internal import MartletCompute

extension TransformerState {
    /// How large a state's buffers are.
    struct Sizes {
        let hiddenStride: Int
        let x: Int
        let narrow: OperandRows.Extent
        let projections: OperandRows.Extent
        let context: OperandRows.Extent
        let intermediate: OperandRows.Extent
        let gated: OperandRows.Extent?
        let sum: Int
        let expertInput: OperandRows.Extent?
        let expertSum: Int
        let expertScores: Int
        let embeddingsStride: Int
        let embeddings: Int
        let embeddingsNarrow: OperandRows.Extent?
        let tableRow: Int
        let positions: Int
        let fineFactors: Int
        /// nil where attention is not causal.
        let keys: OperandRows.Extent?
        let attentionScratch: Int
        /// Where relative positions begin in it.
        let relativeStart: Int
        /// Pairs of rotated dimensions for each kind of layer; 0: none are.
        let pairs: [Int]
        let longest: Int

        init(
            _ d: TransformerDescription, precision: ComputePrecision, kernels: Kernels, tokens: Int,
            longest: Int
        ) {
            typealias Extent = OperandRows.Extent
            let block = min(tokens, kernels.rowBlock)
            // int8 and int4 keep what lies between its products in bf16 where bf16 is fast, else in f32.
            let wide: OperandRows.Form =
                precision == .bf16 || (precision.roundsInputs && kernels.hasBF16Dot) ? .bf16 : .f32
            let form: OperandRows.Form = precision == .f32 ? .f32 : precision == .bf16 ? .bf16 : .u8
            let roundsInputs = precision.roundsInputs
            let isProjected = d.embeddings.size != d.hiddenSize
            // Experts take rows out of their order.
            let mayBeFine = precision == .int8 && d.feedForward.experts == nil

            narrow = Extent(
                form: form, rows: form == .f32 ? 0 : d.residual == .postNorm ? tokens : block,
                width: d.hiddenSize, mayBeFine: mayBeFine)
            hiddenStride = Extent(form: .f32, rows: 0, width: d.hiddenSize).stride
            x = tokens * hiddenStride
            let attended = d.attention.projections.reduce(0, +)
            projections = Extent(
                form: wide, rows: tokens,
                width: d.convolution == nil ? attended : max(attended, 3 * d.hiddenSize))
            context = Extent(
                form: wide, rows: tokens, width: d.attention.width, areQuantised: roundsInputs,
                mayBeFine: mayBeFine)
            let size = d.feedForward.size
            let isGated = d.feedForward.gate != nil
            intermediate = Extent(
                form: wide, rows: block, width: isGated ? 2 * size : size,
                areQuantised: roundsInputs && !isGated, mayBeFine: mayBeFine && !isGated)
            gated =
                isGated
                ? Extent(
                    form: wide, rows: block, width: size, areQuantised: roundsInputs, mayBeFine: mayBeFine)
                : nil
            let experts = d.feedForward.experts
            expertInput = experts.map { _ in Extent(form: form, rows: block, width: d.hiddenSize) }
            sum = d.residual == .postNorm && experts == nil ? 0 : block * hiddenStride
            expertSum = experts == nil ? 0 : block * hiddenStride
            expertScores = (experts?.count ?? 0) * block
            embeddingsStride = Extent(form: .f32, rows: 0, width: d.embeddings.size).stride
            embeddings = isProjected ? block * embeddingsStride : 0
            embeddingsNarrow = isProjected ? Extent(form: form, rows: block, width: d.embeddings.size) : nil
            tableRow = d.embeddings.size
            positions = d.embeddings.positions == nil ? 0 : tokens
            fineFactors = mayBeFine ? tokens : 0
            keys =
                d.attention.isCausal
                ? Extent(
                    form: wide, rows: min(longest, PackedBatch.longestWithPrefix),
                    width: 2 * d.attention.keyHeads * d.attention.headSize)
                : nil
            let plain = kernels.attentionScratch(
                bf16: wide == .bf16, tokens: longest, headSize: d.attention.headSize)
            let start = (plain + 63) / 64 * 64
            let relative = d.attention.relative.map { longest * (2 * $0.stride + longest) + 64 }
            relativeStart = start
            attentionScratch = relative.map { start + $0 * MemoryLayout<Float>.stride } ?? plain
            pairs = d.attention.spans.map { $0.rotary?.frequencies.count ?? 0 }
            self.longest = longest
        }

        /// What `bytes` of such a state would be.
        var bytes: Int {
            let rows = [
                narrow, projections, context, intermediate, gated, expertInput, embeddingsNarrow, keys,
            ]
            let floats = [x, sum, expertSum, expertScores, embeddings, tableRow, fineFactors].map(
                AlignedBuffer<Float>.bytes)
            let angles = pairs.map { $0 == 0 ? 0 : RotaryAngles.bytes(positions: longest, pairs: $0) }
            return rows.reduce(0) { $0 + ($1?.bytes ?? 0) } + (floats + angles).reduce(0, +)
                + AlignedBuffer<Int32>.bytes(count: positions)
                + AlignedBuffer<UInt8>.bytes(count: attentionScratch)
        }
    }
}
