internal import CMartletKernels

/// Rows of activations in the form that the next matrix product reads: f32, bf16 or u8 with a scale and shift
/// for each row.
///
/// A row holds `width` values and is `stride` elements apart from the next, with zeros between.
package final class OperandRows {
    package enum Form: Sendable {
        case f32, bf16, u8

        /// Bytes of an element.
        var size: Int {
            switch self {
            case .f32: 4
            case .bf16: 2
            case .u8: 1
            }
        }
    }

    package let form: Form
    package let width: Int
    package let stride: Int
    /// Whether products read these rows as u8, which take the rows' place.
    package let areQuantised: Bool
    private let memory: AlignedBuffer<UInt8>
    private let scale: AlignedBuffer<Float>
    private let shift: AlignedBuffer<Float>
    /// The low 8 bits of fine rows, `stride` bytes apart; empty where no row may be one.
    private let low: AlignedBuffer<UInt8>

    package convenience init(form: Form, rows: Int, width: Int) {
        self.init(Extent(form: form, rows: rows, width: width))
    }

    package init(_ extent: Extent) {
        form = extent.form
        width = extent.width
        stride = extent.stride
        areQuantised = extent.areQuantised
        memory = AlignedBuffer(count: extent.memory)
        scale = AlignedBuffer(count: extent.scales)
        shift = AlignedBuffer(count: extent.scales)
        low = AlignedBuffer(count: extent.low)
    }

    /// How much memory rows take.
    package struct Extent: Sendable {
        package let form: Form
        package let rows: Int
        package let width: Int
        package let areQuantised: Bool
        package let mayBeFine: Bool

        package init(
            form: Form, rows: Int, width: Int, areQuantised: Bool = false, mayBeFine: Bool = false
        ) {
            self.form = form
            self.rows = rows
            self.width = width
            self.areQuantised = areQuantised
            self.mayBeFine = mayBeFine
        }

        /// Rows that are whole KiB apart would share few of the L1 cache's sets, fewer than a tile has rows:
        /// they get a line more.
        package var stride: Int {
            let stride = (width + 15) / 16 * 16
            return stride * form.size % 1024 == 0 ? stride + 64 / form.size : stride
        }
        fileprivate var memory: Int { rows * stride * form.size }
        fileprivate var scales: Int { form == .u8 || areQuantised ? rows : 0 }
        fileprivate var low: Int { mayBeFine ? rows * stride : 0 }
        package var bytes: Int {
            AlignedBuffer<UInt8>.bytes(count: memory) + AlignedBuffer<UInt8>.bytes(count: low)
                + 2 * AlignedBuffer<Float>.bytes(count: scales)
        }
    }

    package var bytes: Int { memory.bytes + low.bytes + scale.bytes + shift.bytes }
    package var f32: UnsafeMutablePointer<Float> {
        UnsafeMutableRawPointer(memory.pointer).assumingMemoryBound(to: Float.self)
    }
    package var bf16: UnsafeMutablePointer<UInt16> {
        UnsafeMutableRawPointer(memory.pointer).assumingMemoryBound(to: UInt16.self)
    }

    /// The rows from `first` on as the left side of a product: quantised, if they are to be.
    /// - Parameter fine: Which of them are fine; nil: none.
    package func operand(from first: Int = 0, fine: FineRows? = nil) -> PackedMatrix.Operand {
        if form == .u8 || areQuantised {
            return .init(
                u8: bytes(of: first), stride: stride * form.size, scale: scale.pointer + first,
                shift: shift.pointer + first,
                low: fine.map { (UnsafePointer(lowBytes(of: first)), stride, $0) })
        }
        return form == .bf16
            ? .init(bf16: bf16 + first * stride, stride: stride)
            : .init(f32: f32 + first * stride, stride: stride)
    }

    /// Columns from `column` on of the rows from `first` on, of f32 or bf16, as the left side of a product.
    package func operand(from first: Int, column: Int) -> PackedMatrix.Operand {
        let start = first * stride + column
        return form == .bf16
            ? .init(bf16: bf16 + start, stride: stride) : .init(f32: f32 + start, stride: stride)
    }

    /// The rows from `first` on as the target of a product; u8 rows are written by `norm` and `quantise`
    /// alone.
    package func output(from first: Int = 0) -> PackedMatrix.Output {
        form == .bf16
            ? .init(bf16: bf16 + first * stride, stride: stride)
            : .init(f32: f32 + first * stride, stride: stride)
    }
}

extension OperandRows {
    /// The step that quantises rows from `first` on in place: the u8 of a row are the first bytes of its
    /// memory. nil: products read them as they are.
    package func quantising(from first: Int = 0, rows: Int, fine: FineRows? = nil) -> RowStep? {
        areQuantised
            ? quantising(bytes(of: first), form, stride: stride, into: first, rows: rows, fine: fine) : nil
    }

    /// Fills rows from `target` on with rows of another form, quantised row by row.
    package func quantise(
        _ source: OperandRows, from first: Int, into target: Int = 0, rows: Int, _ kernels: Kernels
    ) {
        quantising(
            source.bytes(of: first), source.form, stride: source.stride, into: target, rows: rows, fine: nil
        ).run(kernels)
    }

    /// Fills the rows from `first` on with f32 rows, quantised row by row.
    package func quantise(
        f32 values: UnsafePointer<Float>, stride: Int, into first: Int, rows: Int, fine: FineRows? = nil,
        _ kernels: Kernels
    ) {
        quantising(UnsafeRawPointer(values), .f32, stride: stride, into: first, rows: rows, fine: fine).run(
            kernels)
    }

    /// Fills columns of `rows` rows from `first` on with those of another's rows in the same form, from
    /// `column` on.
    package func copyColumns(
        _ columns: Range<Int>, fromRow first: Int, rows: Int, of source: OperandRows, row: Int, column: Int
    ) {
        precondition(form == source.form)
        for each in 0..<rows {
            let from = source.bytes(of: row + each) + column * form.size
            (bytes(of: first + each) + columns.lowerBound * form.size).update(
                from: from, count: columns.count * form.size)
        }
    }

    /// Multiplies columns of a row of f32 or bf16.
    package func multiply(row: Int, _ columns: Range<Int>, by factor: Float) {
        for column in columns {
            if form == .bf16 {
                let place = bf16 + row * stride + column
                place.pointee = BF16.rounded(BF16.widened(place.pointee) * factor)
            } else {
                f32[row * stride + column] *= factor
            }
        }
    }

    private func bytes(of row: Int) -> UnsafeMutablePointer<UInt8> {
        memory.pointer + row * stride * form.size
    }

    private func lowBytes(of row: Int) -> UnsafeMutablePointer<UInt8> {
        precondition(low.count > 0, "these rows have 8 bits alone")
        return low.pointer + row * stride
    }

    private func quantising(
        _ values: UnsafeRawPointer, _ source: Form, stride sourceStride: Int, into first: Int, rows: Int,
        fine: FineRows?
    ) -> RowStep {
        var arguments = mk_quantise()
        arguments.m = Int64(rows)
        arguments.n = Int64(width)
        arguments.x_bf16 = source == .bf16 ? 1 : 0
        arguments.x = values
        arguments.ldx = Int64(sourceStride)
        arguments.y = bytes(of: first)
        arguments.ldy = Int64(stride * form.size)
        arguments.scale = scale.pointer + first
        arguments.shift = shift.pointer + first
        if let fine {
            arguments.low = lowBytes(of: first)
            arguments.ld_low = Int64(stride)
            arguments.low_factor = fine.factors
        }
        return RowStep(arguments)
    }

    /// Copies a row of the same form and width.
    package func copyRow(_ row: Int, of source: OperandRows, to target: Int) {
        bytes(of: target).update(from: source.bytes(of: row), count: stride * form.size)
        guard form == .u8 else { return }
        scale.pointer[target] = source.scale.pointer[row]
        shift.pointer[target] = source.shift.pointer[row]
    }

    /// The step that puts the norm of `rows` f32 rows of `x` at `output`, which may be `x`, and in these rows
    /// from `first` on unless their form is f32.
    package func norming(
        _ x: UnsafeMutablePointer<Float>, stride xStride: Int, output: UnsafeMutablePointer<Float>,
        first: Int, rows: Int, fine: FineRows? = nil,
        _ weights: NormWeights
    ) -> RowStep {
        var arguments = weights.arguments(x, stride: xStride, output: output, rows: rows)
        switch form {
        case .f32: break
        case .bf16:
            arguments.y_bf16 = bf16 + first * stride
            arguments.ldy_bf16 = Int64(stride)
        case .u8:
            arguments.y_u8 = memory.pointer + first * stride
            arguments.ldy_u8 = Int64(stride)
            arguments.u8_factor = weights.hasFactor ? UnsafePointer(weights.u8Factor.pointer) : nil
            arguments.u8_scale = scale.pointer + first
            arguments.u8_shift = shift.pointer + first
            if let fine {
                arguments.low = lowBytes(of: first)
                arguments.ld_low = Int64(stride)
                arguments.low_factor = fine.factors
            }
        }
        return RowStep(arguments)
    }
}
