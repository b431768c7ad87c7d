internal import CMartletKernels

/// A weight matrix `[outputs, inputs]` with its bias, packed once into the panels that the kernels of one instruction set read.
///
/// Sendable because nothing writes to it after `init`.
package final class PackedMatrix: @unchecked Sendable {
    package let outputs: Int
    package let inputs: Int
    package let precision: ComputePrecision
    private let kernels: Kernels
    private let panels: WeightMemory.Slice
    private let hasBias: Bool
    /// Per output, padded to a whole panel.
    private let bias: AlignedBuffer<Float>
    /// [groups of inputs, padded outputs], int8 only.
    private let scale: AlignedBuffer<Float>
    private let sum: AlignedBuffer<Float>

    /// Packs rows that `read` gives: `read(row range, destination)` fills `[range.count, inputs]` floats, and is called in
    /// order for a panel at a time, so that a quantised or half-precision tensor is never expanded whole.
    ///
    /// - Parameters:
    ///   - columnScales: What each column is multiplied by, `[inputs]`; nil: nothing.
    ///   - memory: Where the panels lie; nil: in memory of their own.
    package init<E: Error>(
        outputs: Int, inputs: Int, bias: [Float]?, columnScales: [Float]? = nil, precision: ComputePrecision, kernels: Kernels,
        memory: WeightMemory? = nil, read: (Range<Int>, UnsafeMutableBufferPointer<Float>) throws(E) -> Void
    ) throws(E) {
        self.outputs = outputs
        self.inputs = inputs
        self.precision = precision
        self.kernels = kernels
        let width = kernels.panelWidth
        let padded = kernels.padded(outputs)
        let size = Int(mk_packed_bytes(kernels.table, precision.kernel, Int64(outputs), Int64(inputs)))
        panels = memory?.slice(bytes: size) ?? WeightMemory.alone(bytes: size)
        hasBias = bias != nil
        self.bias = AlignedBuffer(copying: bias ?? [], padding: bias == nil ? 0 : padded - outputs)
        let groups = (inputs + MK_INT8_GROUP - 1) / MK_INT8_GROUP
        scale = AlignedBuffer(count: precision == .int8 ? groups * padded : 0)
        sum = AlignedBuffer(count: precision == .int8 ? padded : 0)

        let rowsAtOnce = max(width, 32 / width * width)
        let rows = AlignedBuffer<Float>(count: rowsAtOnce * inputs)
        let columns = AlignedBuffer(copying: columnScales ?? [])
        let panelBytes = panels.count / max(padded, 1)
        var first = 0
        while first < outputs {
            let last = min(first + rowsAtOnce, outputs)
            try read(first..<last, UnsafeMutableBufferPointer(start: rows.pointer, count: (last - first) * inputs))
            kernels.pack(
                precision,
                mk_pack(
                    n: Int64(last - first), k: Int64(inputs), w: rows.pointer, ldw: Int64(inputs),
                    w_scale: columnScales == nil ? nil : UnsafePointer(columns.pointer), b: panels.pointer + first * panelBytes,
                    b_scale: scale.pointer + (precision == .int8 ? first : 0), b_scale_stride: Int64(padded),
                    b_sum: sum.pointer + (precision == .int8 ? first : 0)))
            first = last
        }
    }

    /// Weights and biases.
    package var parameters: Int { outputs * inputs + (hasBias ? outputs : 0) }
    package var bytes: Int { panels.bytes + scale.bytes + sum.bytes + bias.bytes }

    /// C = activation(A Wᵀ + bias) + residual, over `rows` rows; of its columns those that are the member's share.
    ///
    /// - Parameter step: What is done to C's rows. A team waits for the whole of C before it, and each does its share of the rows.
    package func apply(
        _ a: Operand, rows: Int, to c: Output, activation: Activation = .identity, residual: UnsafePointer<Float>? = nil,
        residualStride: Int = 0, then step: RowStep? = nil, _ member: TeamMember = .alone
    ) {
        precondition(step?.reads(c, rows: rows) ?? true, "the step is one of other rows")
        let columns = member.share(of: outputs, unit: kernels.panelWidth)
        if !columns.isEmpty {
            let arguments = arguments(a, rows: rows, columns, to: c, activation, residual: residual, residualStride: residualStride)
            kernels.gemm(precision, arguments, then: member.count == 1 ? step : nil)
        }
        guard let step, member.count > 1 else { return }
        member.sync()
        step.run(kernels, rows: member.share(of: rows))
    }

    private func arguments(
        _ a: Operand, rows: Int, _ columns: Range<Int>, to c: Output, _ activation: Activation, residual: UnsafePointer<Float>?,
        residualStride: Int
    ) -> mk_gemm {
        let first = columns.lowerBound
        var arguments = mk_gemm()
        arguments.m = Int64(rows)
        arguments.n = Int64(columns.count)
        arguments.k = Int64(inputs)
        arguments.a = a.values
        arguments.lda = Int64(a.byteStride)
        arguments.a_scale = a.scale
        arguments.a_shift = a.shift
        arguments.b = UnsafeRawPointer(panels.pointer + first * (panels.count / kernels.padded(outputs)))
        arguments.b_scale = UnsafePointer(scale.pointer + (precision == .int8 ? first : 0))
        arguments.b_scale_stride = Int64(kernels.padded(outputs))
        arguments.b_sum = UnsafePointer(sum.pointer + (precision == .int8 ? first : 0))
        arguments.bias = hasBias ? UnsafePointer(bias.pointer + first) : nil
        arguments.residual = residual.map { $0 + first }
        arguments.ldr = Int64(residualStride)
        arguments.c = c.values + first * (c.isBF16 ? 2 : 4)
        arguments.ldc = Int64(c.stride)
        arguments.c_bf16 = c.isBF16 ? 1 : 0
        arguments.activation = activation.kernel
        return arguments
    }

    /// Rows of the left operand, in the matrix's precision.
    package struct Operand {
        let values: UnsafeRawPointer
        let byteStride: Int
        let scale: UnsafePointer<Float>?
        let shift: UnsafePointer<Float>?

        package init(f32 values: UnsafePointer<Float>, stride: Int) {
            self.init(values: UnsafeRawPointer(values), byteStride: stride * 4, scale: nil, shift: nil)
        }
        package init(bf16 values: UnsafePointer<UInt16>, stride: Int) {
            self.init(values: UnsafeRawPointer(values), byteStride: stride * 2, scale: nil, shift: nil)
        }
        /// value = scale[row] · u8 − shift[row]
        package init(u8 values: UnsafePointer<UInt8>, stride: Int, scale: UnsafePointer<Float>, shift: UnsafePointer<Float>) {
            self.init(values: UnsafeRawPointer(values), byteStride: stride, scale: scale, shift: shift)
        }
        private init(values: UnsafeRawPointer, byteStride: Int, scale: UnsafePointer<Float>?, shift: UnsafePointer<Float>?) {
            self.values = values
            self.byteStride = byteStride
            self.scale = scale
            self.shift = shift
        }
    }

    /// Where the product goes.
    package struct Output {
        let values: UnsafeMutableRawPointer
        let stride: Int
        let isBF16: Bool

        package init(f32 values: UnsafeMutablePointer<Float>, stride: Int) {
            self.values = UnsafeMutableRawPointer(values)
            self.stride = stride
            isBF16 = false
        }
        package init(bf16 values: UnsafeMutablePointer<UInt16>, stride: Int) {
            self.values = UnsafeMutableRawPointer(values)
            self.stride = stride
            isBF16 = true
        }
    }
}
