internal import CMartletKernels

/// The weight and bias of a layer norm, or the weight of an RMS norm.
///
/// Sendable because nothing writes to it after `init`.
package final class NormWeights: @unchecked Sendable {
    let gamma: AlignedBuffer<Float>
    let beta: AlignedBuffer<Float>
    let epsilon: Float
    /// Multiplies a row before it is quantised, where the next matrix was packed for rows so scaled.
    let u8Factor: AlignedBuffer<Float>
    let hasFactor: Bool
    let isRMS: Bool

    /// - Parameter beta: nil: a norm without a bias.
    package init(
        gamma: [Float], beta: [Float]?, epsilon: Float, isRMS: Bool = false, u8Factor: [Float]? = nil
    ) {
        self.isRMS = isRMS
        self.gamma = AlignedBuffer(copying: gamma)
        self.beta = AlignedBuffer(copying: beta ?? [], padding: beta == nil ? gamma.count : 0)
        self.epsilon = epsilon
        self.u8Factor = AlignedBuffer(copying: u8Factor ?? [])
        hasFactor = u8Factor != nil
        parameters = gamma.count + (beta?.count ?? 0)
    }

    /// Factors and, where there are any, biases.
    package let parameters: Int

    /// The step that puts the norm of `rows` f32 rows of `x` at `output`, which may be `x`.
    package func norming(
        _ x: UnsafeMutablePointer<Float>, stride: Int, output: UnsafeMutablePointer<Float>, rows: Int
    ) -> RowStep {
        RowStep(arguments(x, stride: stride, output: output, rows: rows))
    }

    func arguments(_ x: UnsafePointer<Float>, stride: Int, output: UnsafeMutablePointer<Float>, rows: Int)
        -> mk_norm
    {
        var arguments = mk_norm()
        arguments.m = Int64(rows)
        arguments.n = Int64(gamma.count)
        arguments.rms = isRMS ? 1 : 0
        arguments.x = x
        arguments.ldx = Int64(stride)
        arguments.gamma = UnsafePointer(gamma.pointer)
        arguments.beta = UnsafePointer(beta.pointer)
        arguments.eps = epsilon
        arguments.y = output
        arguments.ldy = Int64(stride)
        return arguments
    }
}
