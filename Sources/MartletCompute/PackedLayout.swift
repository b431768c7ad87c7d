internal import CMartletKernels

/// Where the parts of a packed matrix are in its bytes: the panels, for int8 and int4 the scales of outputs and groups
/// of inputs and the sums of outputs, then the bias. Each begins at a multiple of 64.
package struct PackedLayout: Sendable, Equatable {
    /// To be raised when the same matrix is packed into other bytes.
    package static let version = 1
    /// Bytes after the last that a kernel may read.
    package static let slack = 64

    /// Outputs, rounded up to whole panels.
    let padded: Int
    let panels: Int
    let scale: Int
    let sum: Int
    let bias: Int
    /// Of all parts.
    package let count: Int

    package init(outputs: Int, inputs: Int, hasBias: Bool, precision: ComputePrecision, kernels: Kernels) {
        func rounded(_ bytes: Int) -> Int { (bytes + 63) / 64 * 64 }
        let groups = (inputs + MK_INT8_GROUP - 1) / MK_INT8_GROUP
        padded = kernels.padded(outputs)
        panels = Int(mk_packed_bytes(kernels.table, precision.kernel, Int64(outputs), Int64(inputs)))
        scale = rounded(panels)
        sum = scale + rounded(precision.roundsInputs ? groups * padded * 4 : 0)
        bias = sum + rounded(precision.roundsInputs ? padded * 4 : 0)
        count = bias + rounded(hasBias ? padded * 4 : 0)
    }
}
