package import CMartletKernels

/// What the operands of a matrix product are held in. Sums are 32-bit: f32 for `f32` and `bf16`, exact
/// integers for `int8` and `int4`, whose weights have 4 bits and whose inputs have 8.
package enum ComputePrecision: String, Sendable, CaseIterable {
    case f32, bf16, int8, int4

    /// Of a packed weight, without the scales.
    package var bitsOfWeight: Int {
        switch self {
        case .f32: 32
        case .bf16: 16
        case .int8: 8
        case .int4: 4
        }
    }
    /// Whether inputs are rounded to 8-bit integers.
    package var roundsInputs: Bool { self == .int8 || self == .int4 }

    package var kernel: mk_precision {
        switch self {
        case .f32: MK_F32
        case .bf16: MK_BF16
        case .int8: MK_INT8
        case .int4: MK_INT4
        }
    }
}

/// The kernels of one instruction set, or the best of several: a typed face of a table of the C library.
///
/// The table is constant data, so it may be shared by all threads.
package struct Kernels: @unchecked Sendable {
    package let table: UnsafePointer<mk_kernels>

    /// Every instruction set that this CPU and operating system can run, best first; the last is `scalar`.
    package static let available: [Kernels] = (0..<mk_kernels_count()).compactMap {
        mk_kernels_at($0).map(Kernels.init(table:))
    }

    init(table: UnsafePointer<mk_kernels>) { self.table = table }

    /// The kernels of one instruction set, or nil if this machine cannot run it. nil as a name: the best for
    /// each operation.
    package init?(named name: String? = nil) {
        guard let name else {
            self = Kernels.best
            return
        }
        guard let found = Kernels.available.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    /// For each operation the best kernels of this machine; every machine can run the scalar ones.
    package static var best: Kernels { KernelChoice.current.kernels }
    /// The plain C kernels: slow, and the same on every machine.
    package static var reference: Kernels { available[available.count - 1] }

    package var name: String { String(cString: table.pointee.name) }
    /// Columns of a packed panel; arrays over columns are padded to a multiple of it.
    package var panelWidth: Int { Int(table.pointee.panel_width) }
    /// Rows that go through a network together: as many as a product takes with one reading of its weights, and 224
    /// at least, which stay in the L2 cache.
    package var rowBlock: Int { max(224, Int(table.pointee.block_rows)) }
    package var hasBF16Dot: Bool { table.pointee.has_bf16_dot != 0 }
    /// Whether a row of attention in an int8 pass, where rows are f32, depends on all rows of the sequence.
    package var int8AttentionMixesRows: Bool { mk_int8_attention_mixes_rows(table) != 0 }
    package var hasInt8Dot: Bool { table.pointee.has_int8_dot != 0 }

    /// `count` rounded up to a whole number of panels.
    package func padded(_ count: Int) -> Int { (count + panelWidth - 1) / panelWidth * panelWidth }

    package func gemm(_ precision: ComputePrecision, _ arguments: mk_gemm) {
        withUnsafePointer(to: arguments) { mk_run_gemm(table, precision.kernel, $0) }
    }
    package func pack(_ precision: ComputePrecision, _ arguments: mk_pack) {
        withUnsafePointer(to: arguments) { mk_run_pack(table, precision.kernel, $0) }
    }
    func attention(_ form: mk_attention_form, _ arguments: mk_attention) {
        withUnsafePointer(to: arguments) { mk_run_attention(table, form, $0) }
    }
    func generalAttention(_ form: mk_attention_form, _ arguments: mk_attention) {
        withUnsafePointer(to: arguments) { mk_run_attention_general(table, form, $0) }
    }
    func prepareHeads(bf16: Bool, _ arguments: mk_heads) {
        withUnsafePointer(to: arguments) { mk_run_heads(table, bf16 ? 1 : 0, $0) }
    }
    func gate(_ arguments: mk_gate) { withUnsafePointer(to: arguments) { mk_run_gate(table, $0) } }
    package func norm(_ arguments: mk_norm) { withUnsafePointer(to: arguments) { mk_run_norm(table, $0) } }
    package func quantise(_ arguments: mk_quantise) {
        withUnsafePointer(to: arguments) { mk_run_quantise(table, $0) }
    }

    /// Σ a[i] b[i] over `count` elements.
    package func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Float {
        mk_run_dot(table, a, b, Int64(count))
    }
    /// y[i] += s x[i] over `count` elements.
    package func add(
        _ x: UnsafePointer<Float>, scaledBy s: Float = 1, to y: UnsafeMutablePointer<Float>, count: Int
    ) {
        mk_run_add_scaled(table, y, x, s, Int64(count))
    }

    /// Bytes of scratch for the attention of one sequence.
    package func attentionScratch(bf16: Bool, tokens: Int, headSize: Int) -> Int {
        Int(mk_attention_scratch(table, bf16 ? MK_BF16 : MK_F32, Int64(tokens), Int64(headSize)))
    }
}
