internal import CMartletKernels
package import MartletSystem

/// A weight matrix `[outputs, inputs]` with its bias, packed once into the panels that the kernels of one
/// instruction set read: in memory, or in a mapped file.
///
/// Sendable because nothing writes to it after `init`.
package final class PackedMatrix: @unchecked Sendable {
    package let outputs: Int
    package let inputs: Int
    package let precision: ComputePrecision
    private let kernels: Kernels
    private let hasBias: Bool
    private let layout: PackedLayout
    /// Keeps `bytes` valid.
    private let storage: Storage
    private let base: UnsafeRawPointer

    private enum Storage {
        case memory(WeightMemory.Slice)
        case file(MemoryRegion)
    }

    /// Packs rows that `read` gives: `read(row range, destination)` fills `[range.count, inputs]` floats, and
    /// is called in order for a panel at a time, so that a quantised or half-precision tensor is never
    /// expanded whole.
    ///
    /// - Parameters:
    ///   - columnScales: What each column is multiplied by, `[inputs]`; nil: nothing.
    ///   - memory: Where the packed bytes are; nil: in memory of their own.
    package init<E: Error>(
        outputs: Int, inputs: Int, bias: [Float]?, columnScales: [Float]? = nil, precision: ComputePrecision,
        kernels: Kernels,
        memory: WeightMemory? = nil, read: (Range<Int>, UnsafeMutableBufferPointer<Float>) throws(E) -> Void
    ) throws(E) {
        self.outputs = outputs
        self.inputs = inputs
        self.precision = precision
        self.kernels = kernels
        hasBias = bias != nil
        layout = PackedLayout(
            outputs: outputs, inputs: inputs, hasBias: hasBias, precision: precision, kernels: kernels)
        let slice = memory?.slice(bytes: layout.count) ?? WeightMemory.alone(bytes: layout.count)
        storage = .memory(slice)
        let start = UnsafeMutableRawPointer(slice.pointer)
        base = UnsafeRawPointer(start)
        // Panels are filled to the last byte; what pads the rest may be of memory that is used again.
        (start + layout.panels).initializeMemory(
            as: UInt8.self, repeating: 0, count: layout.count - layout.panels)
        if let bias {
            (start + layout.bias).assumingMemoryBound(to: Float.self).update(
                from: bias, count: min(bias.count, outputs))
        }
        let scale = (start + layout.scale).assumingMemoryBound(to: Float.self)
        let sum = (start + layout.sum).assumingMemoryBound(to: Float.self)

        let rowsAtOnce = max(kernels.panelWidth, 32 / kernels.panelWidth * kernels.panelWidth)
        let rows = AlignedBuffer<Float>(count: rowsAtOnce * inputs)
        let columns = AlignedBuffer(copying: columnScales ?? [])
        let panelBytes = layout.panels / max(layout.padded, 1)
        var first = 0
        while first < outputs {
            let last = min(first + rowsAtOnce, outputs)
            try read(
                first..<last, UnsafeMutableBufferPointer(start: rows.pointer, count: (last - first) * inputs))
            kernels.pack(
                precision,
                mk_pack(
                    n: Int64(last - first), k: Int64(inputs), w: rows.pointer, ldw: Int64(inputs),
                    w_scale: columnScales == nil ? nil : UnsafePointer(columns.pointer),
                    b: start + first * panelBytes,
                    b_scale: scale + (precision.roundsInputs ? first : 0),
                    b_scale_stride: Int64(layout.padded),
                    b_sum: sum + (precision.roundsInputs ? first : 0)))
            first = last
        }
    }

    /// A matrix that was packed before, for the same kernels.
    ///
    /// - Parameter packed: Its bytes, aligned to 64, and ``PackedLayout/slack`` more. nil if they are not of
    ///   the size that the shape asks for.
    package init?(
        packed: MemoryRegion, outputs: Int, inputs: Int, hasBias: Bool, precision: ComputePrecision,
        kernels: Kernels
    ) {
        self.outputs = outputs
        self.inputs = inputs
        self.precision = precision
        self.kernels = kernels
        self.hasBias = hasBias
        layout = PackedLayout(
            outputs: outputs, inputs: inputs, hasBias: hasBias, precision: precision, kernels: kernels)
        guard packed.count == layout.count + PackedLayout.slack,
            let start = packed.withUnsafeBytes({ $0.baseAddress }), UInt(bitPattern: start) % 64 == 0
        else { return nil }
        storage = .file(packed)
        base = start
    }

    /// The packed bytes, without the slack.
    package func withPackedBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R
    {
        defer { withExtendedLifetime(self) {} }
        return try body(UnsafeRawBufferPointer(start: base, count: layout.count))
    }

    /// Weights and biases.
    package var parameters: Int { outputs * inputs + (hasBias ? outputs : 0) }
    package var bytes: Int { layout.count + PackedLayout.slack }

    /// C = activation(A Wᵀ + bias) + residual, over `rows` rows; of its columns those that are the member's
    /// share.
    ///
    /// - Parameter step: What is done to C's rows. A team waits for the whole of C before it, and each does
    ///   its share of the rows.
    package func apply(
        _ a: Operand, rows: Int, to c: Output, activation: Activation = .identity,
        residual: UnsafePointer<Float>? = nil,
        residualStride: Int = 0, then step: RowStep? = nil, _ member: TeamMember = .alone
    ) {
        precondition(step?.reads(c, rows: rows) ?? true, "the step is one of other rows")
        let columns = member.share(of: outputs, unit: kernels.panelWidth)
        if !columns.isEmpty {
            let arguments = arguments(
                a, rows: rows, columns, to: c, activation, residual: residual, residualStride: residualStride)
            kernels.gemm(precision, arguments, then: member.count == 1 ? step : nil)
        }
        guard let step, member.count > 1 else { return }
        member.sync()
        step.run(kernels, rows: member.share(of: rows))
    }

    private func arguments(
        _ a: Operand, rows: Int, _ columns: Range<Int>, to c: Output, _ activation: Activation,
        residual: UnsafePointer<Float>?,
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
        if let low = a.low {
            arguments.a_low = low.values
            arguments.lda_low = Int64(low.stride)
            arguments.a_low_factor = low.rows.factors
        }
        arguments.b = base + first * (layout.panels / layout.padded)
        arguments.b_scale =
            (base + layout.scale).assumingMemoryBound(to: Float.self) + (precision.roundsInputs ? first : 0)
        arguments.b_scale_stride = Int64(layout.padded)
        arguments.b_sum =
            (base + layout.sum).assumingMemoryBound(to: Float.self) + (precision.roundsInputs ? first : 0)
        arguments.bias = hasBias ? (base + layout.bias).assumingMemoryBound(to: Float.self) + first : nil
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
        /// The low 8 bits of fine rows; nil where no row has any.
        let low: (values: UnsafePointer<UInt8>, stride: Int, rows: FineRows)?

        package init(f32 values: UnsafePointer<Float>, stride: Int) {
            self.init(values: UnsafeRawPointer(values), byteStride: stride * 4, scale: nil, shift: nil)
        }
        package init(bf16 values: UnsafePointer<UInt16>, stride: Int) {
            self.init(values: UnsafeRawPointer(values), byteStride: stride * 2, scale: nil, shift: nil)
        }
        /// value = scale[row] · (u8 + low / 256) − shift[row]
        package init(
            u8 values: UnsafePointer<UInt8>, stride: Int, scale: UnsafePointer<Float>,
            shift: UnsafePointer<Float>,
            low: (values: UnsafePointer<UInt8>, stride: Int, rows: FineRows)? = nil
        ) {
            self.init(
                values: UnsafeRawPointer(values), byteStride: stride, scale: scale, shift: shift, low: low)
        }
        private init(
            values: UnsafeRawPointer, byteStride: Int, scale: UnsafePointer<Float>?,
            shift: UnsafePointer<Float>?,
            low: (values: UnsafePointer<UInt8>, stride: Int, rows: FineRows)? = nil
        ) {
            self.values = values
            self.byteStride = byteStride
            self.scale = scale
            self.shift = shift
            self.low = low
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
