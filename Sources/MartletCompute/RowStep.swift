internal import CMartletKernels

/// What makes of whole rows what the next product reads: their norm, or their rounding to u8.
///
/// A product takes the step that its output needs along and does it a block of rows at a time
/// (`PackedMatrix.apply`). Like an operand it owns nothing: rows and weights must outlive it.
package struct RowStep {
    enum Kernel {
        case norm(mk_norm)
        case quantise(mk_quantise)
    }
    let kernel: Kernel

    init(_ norm: mk_norm) { kernel = .norm(norm) }
    init(_ quantise: mk_quantise) { kernel = .quantise(quantise) }

    package var rows: Int {
        switch kernel {
        case .norm(let arguments): Int(arguments.m)
        case .quantise(let arguments): Int(arguments.m)
        }
    }

    /// Whether these are the step's rows.
    func reads(_ output: PackedMatrix.Output, rows: Int) -> Bool {
        switch kernel {
        case .norm(let arguments):
            !output.isBF16 && rows == self.rows
                && UnsafeRawPointer(arguments.x) == UnsafeRawPointer(output.values)
                && arguments.ldx == output.stride
        case .quantise(let arguments):
            output.isBF16 == (arguments.x_bf16 != 0) && rows == self.rows
                && arguments.x == UnsafeRawPointer(output.values)
                && arguments.ldx == output.stride
        }
    }

    /// Does it to `mine`, counted from the step's first row; nil: to all.
    package func run(_ kernels: Kernels, rows mine: Range<Int>? = nil) {
        let mine = mine ?? 0..<rows
        let (first, count) = (Int64(mine.lowerBound), Int64(mine.count))
        switch kernel {
        case .norm(let arguments): kernels.norm(mk_norm_rows(arguments, first, count))
        case .quantise(let arguments): kernels.quantise(mk_quantise_rows(arguments, first, count))
        }
    }
}

extension Kernels {
    /// A product, and the step that its output takes next.
    func gemm(_ precision: ComputePrecision, _ arguments: mk_gemm, then step: RowStep?) {
        var arguments = arguments
        switch step?.kernel {
        case nil: gemm(precision, arguments)
        case .norm(let norm)?:
            withUnsafePointer(to: norm) {
                arguments.norm = $0
                gemm(precision, arguments)
            }
        case .quantise(let quantise)?:
            withUnsafePointer(to: quantise) {
                arguments.quantise = $0
                gemm(precision, arguments)
            }
        }
    }
}
