internal import MartletCompute

/// One thread's buffers for a BERT forward pass.
final class BertState: EncoderState {
    /// Rows that go through the feed-forward network together, so that its wide rows stay in the L2 cache.
    static let rowBlock = 224

    let tokenCapacity: Int
    let longestSequence: Int
    let hiddenStride: Int
    /// [tokens, hidden] the residual stream
    let x: AlignedBuffer<Float>
    /// [tokens, hidden] the residual stream as the next product reads it; nil in f32, where x itself is read
    private let narrow: OperandRows
    private let readsX: Bool
    /// [tokens, 3 × hidden]
    let projections: OperandRows
    /// [tokens, hidden]
    let context: OperandRows
    let contextU8: OperandRows?
    /// [rowBlock, intermediate]
    let intermediate: OperandRows
    let intermediateU8: OperandRows?
    /// [max(rowBlock), hidden] a product plus the residual, before its norm
    let sum: AlignedBuffer<Float>
    let positionRow: AlignedBuffer<Float>
    let attentionScratch: AlignedBuffer<UInt8>

    init(_ c: BertConfiguration, precision: ComputePrecision, kernels: Kernels, tokens: Int, longest: Int) {
        tokenCapacity = tokens
        longestSequence = longest
        let block = min(tokens, BertState.rowBlock)
        let wide = BertState.wide(precision, kernels)
        narrow = OperandRows(
            form: precision == .f32 ? .f32 : precision == .bf16 ? .bf16 : .u8, rows: precision == .f32 ? 0 : tokens, width: c.hiddenSize)
        readsX = precision == .f32
        hiddenStride = narrow.stride
        x = AlignedBuffer(count: tokens * narrow.stride)
        projections = OperandRows(form: wide, rows: tokens, width: 3 * c.hiddenSize)
        context = OperandRows(form: wide, rows: tokens, width: c.hiddenSize)
        intermediate = OperandRows(form: wide, rows: block, width: c.intermediateSize)
        contextU8 = precision == .int8 ? OperandRows(form: .u8, rows: block, width: c.hiddenSize) : nil
        intermediateU8 = precision == .int8 ? OperandRows(form: .u8, rows: block, width: c.intermediateSize) : nil
        sum = AlignedBuffer(count: block * narrow.stride)
        positionRow = AlignedBuffer(count: c.hiddenSize)
        attentionScratch = AlignedBuffer(
            count: kernels.attentionScratch(bf16: wide == .bf16, tokens: longest, headSize: c.headSize))
    }

    /// int8 keeps what lies between its products in bf16 where bf16 is fast, else in f32.
    private static func wide(_ precision: ComputePrecision, _ kernels: Kernels) -> OperandRows.Form {
        precision == .bf16 || (precision == .int8 && kernels.hasBF16Dot) ? .bf16 : .f32
    }

    /// What `bytes` of such a state would be.
    static func bytes(_ c: BertConfiguration, precision: ComputePrecision, kernels: Kernels, tokens: Int, longest: Int) -> Int {
        let wide = wide(precision, kernels)
        let block = min(tokens, BertState.rowBlock)
        func padded(_ width: Int) -> Int { (width + 15) / 16 * 16 }
        func buffer(_ bytes: Int) -> Int { bytes + 64 }
        func rows(_ form: OperandRows.Form, _ count: Int, _ width: Int) -> Int {
            let size = form == .f32 ? 4 : form == .bf16 ? 2 : 1
            return buffer(count * padded(width) * size) + 2 * buffer(form == .u8 ? count * 4 : 0)
        }
        var sum = buffer((tokens + block) * padded(c.hiddenSize) * 4) + buffer(0) + buffer(c.hiddenSize * 4)
        sum += rows(precision == .f32 ? .f32 : precision == .bf16 ? .bf16 : .u8, precision == .f32 ? 0 : tokens, c.hiddenSize)
        sum += rows(wide, tokens, 3 * c.hiddenSize) + rows(wide, tokens, c.hiddenSize) + rows(wide, block, c.intermediateSize)
        if precision == .int8 { sum += rows(.u8, block, c.hiddenSize) + rows(.u8, block, c.intermediateSize) }
        return sum + buffer(kernels.attentionScratch(bf16: wide == .bf16, tokens: longest, headSize: c.headSize))
    }

    var hidden: UnsafePointer<Float> { UnsafePointer(x.pointer) }

    var bytes: Int {
        x.bytes + narrow.bytes + projections.bytes + context.bytes + intermediate.bytes + sum.bytes + positionRow.bytes
            + attentionScratch.bytes + (contextU8?.bytes ?? 0) + (intermediateU8?.bytes ?? 0)
    }

    /// The residual stream as the left side of a product.
    func input(from first: Int = 0) -> PackedMatrix.Operand {
        readsX ? .init(f32: x.pointer + first * hiddenStride, stride: hiddenStride) : narrow.operand(from: first)
    }

    /// Layer norm of `rows` rows at `source` into the residual stream from row `first` on, and into what products read.
    func normalise(_ source: UnsafeMutablePointer<Float>, first: Int, rows: Int, _ weights: NormWeights, _ kernels: Kernels) {
        narrow.norm(
            source, stride: hiddenStride, output: x.pointer + first * hiddenStride, first: first, rows: rows, weights, kernels)
    }

    /// Rows as the left side of a product: quantised into `u8` where the precision asks for it.
    func quantised(_ rows: OperandRows, _ u8: OperandRows?, _ first: Int, _ count: Int, _ kernels: Kernels) -> PackedMatrix.Operand {
        guard let u8 else { return rows.operand(from: first) }
        u8.quantise(rows, from: first, rows: count, kernels)
        return u8.operand()
    }
}
