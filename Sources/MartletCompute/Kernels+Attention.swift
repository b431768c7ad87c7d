internal import CMartletKernels

extension Kernels {
    /// softmax(scale · Q Kᵀ) V for every head of one sequence.
    ///
    /// `projections` holds rows [q | k | v], each `heads × headSize` wide, and `context` receives `heads × headSize` values a row;
    /// both are f32 or both bf16. `first` is the row of the sequence's first token.
    package func attention(
        _ projections: OperandRows, _ context: OperandRows, first: Int, tokens: Int, heads: Int, headSize: Int, scale: Float,
        scratch: UnsafeMutablePointer<UInt8>
    ) {
        let size = projections.form == .bf16 ? 2 : 4
        let base = UnsafeMutableRawPointer(projections.f32) + first * projections.stride * size
        let width = heads * headSize * size
        var arguments = mk_attention()
        arguments.tokens = Int64(tokens)
        arguments.heads = Int64(heads)
        arguments.head_size = Int64(headSize)
        arguments.q = UnsafeRawPointer(base)
        arguments.k = UnsafeRawPointer(base + width)
        arguments.v = UnsafeRawPointer(base + 2 * width)
        arguments.ld = Int64(projections.stride)
        arguments.out = UnsafeMutableRawPointer(context.f32) + first * context.stride * size
        arguments.ldo = Int64(context.stride)
        arguments.scale = scale
        arguments.scratch = UnsafeMutableRawPointer(scratch)
        attention(bf16: projections.form == .bf16, arguments)
    }
}
