internal import CMartletKernels

extension Kernels {
    /// Divides each head of a sequence's rows by its root mean square, times `gamma`, where there is one, and
    /// turns its first dimensions by the angles of `rotary`, in place.
    ///
    /// The heads lie side by side from column `column` on, in rows from `first` on, which is the row of the
    /// token at `position` of its text.
    package func heads(
        _ rows: OperandRows, first: Int, tokens: Int, column: Int, heads: Int, headSize: Int,
        norm: NormWeights?, rotary: RotaryAngles?, position: Int = 0
    ) {
        let isBF16 = rows.form == .bf16
        var arguments = mk_heads()
        arguments.tokens = Int64(tokens)
        arguments.heads = Int64(heads)
        arguments.head_size = Int64(headSize)
        arguments.x = UnsafeMutableRawPointer(rows.f32) + (first * rows.stride + column) * (isBF16 ? 2 : 4)
        arguments.ld = Int64(rows.stride)
        if let norm {
            arguments.gamma = UnsafePointer(norm.gamma.pointer)
            arguments.eps = norm.epsilon
        }
        if let rotary {
            arguments.rotated = Int64(rotary.dimensions)
            let start = position * rotary.dimensions / 2
            arguments.cosine = UnsafePointer(rotary.cosine.pointer + start)
            arguments.sine = UnsafePointer(rotary.sine.pointer + start)
        }
        prepareHeads(bf16: isBF16, arguments)
    }

    /// `output` = activation(a) · b for those rows of `rows`, which hold [a | b], or [b | a] where the second
    /// half is activated.
    package func gate(
        _ rows: OperandRows, _ output: OperandRows, _ range: Range<Int>, activation: Activation,
        activatesSecond: Bool
    ) {
        let size = rows.form == .bf16 ? 2 : 4
        let width = output.width * size
        let base = UnsafeRawPointer(rows.f32) + range.lowerBound * rows.stride * size
        var arguments = mk_gate()
        arguments.m = Int64(range.count)
        arguments.n = Int64(output.width)
        arguments.a = activatesSecond ? base + width : base
        arguments.b = activatesSecond ? base : base + width
        arguments.ldx = Int64(rows.stride)
        arguments.y = UnsafeMutableRawPointer(output.f32) + range.lowerBound * output.stride * size
        arguments.ldy = Int64(output.stride)
        arguments.bf16 = rows.form == .bf16 ? 1 : 0
        arguments.activation = activation.kernel
        gate(arguments)
    }
}
