internal import MartletCompute

extension TransformerState {
    /// How large a state's buffers are.
    struct Sizes {
        let x: Int
        let narrow: OperandRows.Extent
        let projections: OperandRows.Extent
        let context: OperandRows.Extent
        let contextU8: OperandRows.Extent?
        let intermediate: OperandRows.Extent
        let gated: OperandRows.Extent?
        let intermediateU8: OperandRows.Extent?
        let sum: Int
        let expertInput: OperandRows.Extent?
        let expertSum: Int
        let expertScores: Int
        let embeddings: Int
        let embeddingsNarrow: OperandRows.Extent?
        let tableRow: Int
        let positions: Int
        let attentionScratch: Int
        /// Pairs of rotated dimensions for each kind of layer; 0: none are.
        let pairs: [Int]
        let longest: Int

        init(_ d: TransformerDescription, precision: ComputePrecision, kernels: Kernels, tokens: Int, longest: Int) {
            typealias Extent = OperandRows.Extent
            let block = min(tokens, TransformerState.rowBlock)
            // int8 keeps what lies between its products in bf16 where bf16 is fast, else in f32.
            let wide: OperandRows.Form = precision == .bf16 || (precision == .int8 && kernels.hasBF16Dot) ? .bf16 : .f32
            let form: OperandRows.Form = precision == .f32 ? .f32 : precision == .bf16 ? .bf16 : .u8
            let isInt8 = precision == .int8
            let isProjected = d.embeddings.size != d.hiddenSize

            narrow = Extent(form: form, rows: form == .f32 ? 0 : d.residual == .postNorm ? tokens : block, width: d.hiddenSize)
            x = tokens * narrow.stride
            projections = Extent(form: wide, rows: tokens, width: d.attention.projections.reduce(0, +))
            context = Extent(form: wide, rows: tokens, width: d.attention.width)
            contextU8 = isInt8 ? Extent(form: .u8, rows: block, width: d.attention.width) : nil
            let size = d.feedForward.size
            intermediate = Extent(form: wide, rows: block, width: d.feedForward.gate == nil ? size : 2 * size)
            gated = d.feedForward.gate == nil ? nil : Extent(form: wide, rows: block, width: size)
            intermediateU8 = isInt8 ? Extent(form: .u8, rows: block, width: size) : nil
            sum = block * narrow.stride
            let experts = d.feedForward.experts
            expertInput = experts.map { _ in Extent(form: form, rows: block, width: d.hiddenSize) }
            expertSum = experts == nil ? 0 : block * narrow.stride
            expertScores = (experts?.count ?? 0) * block
            let embedding = Extent(form: form, rows: block, width: d.embeddings.size)
            embeddings = isProjected ? block * embedding.stride : 0
            embeddingsNarrow = isProjected ? embedding : nil
            tableRow = d.embeddings.size
            positions = d.embeddings.positions == nil ? 0 : tokens
            attentionScratch = kernels.attentionScratch(bf16: wide == .bf16, tokens: longest, headSize: d.attention.headSize)
            pairs = d.attention.spans.map { $0.rotary?.frequencies.count ?? 0 }
            self.longest = longest
        }

        /// What `bytes` of such a state would be.
        var bytes: Int {
            let rows = [narrow, projections, context, contextU8, intermediate, gated, intermediateU8, expertInput, embeddingsNarrow]
            let floats = [x, sum, expertSum, expertScores, embeddings, tableRow].map(AlignedBuffer<Float>.bytes)
            let angles = pairs.map { $0 == 0 ? 0 : RotaryAngles.bytes(positions: longest, pairs: $0) }
            return rows.reduce(0) { $0 + ($1?.bytes ?? 0) } + (floats + angles).reduce(0, +)
                + AlignedBuffer<Int32>.bytes(count: positions) + AlignedBuffer<UInt8>.bytes(count: attentionScratch)
        }
    }
}
