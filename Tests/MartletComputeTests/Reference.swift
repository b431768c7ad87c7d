import CMartletKernels
import MartletSystem

@testable import MartletCompute

/// Numbers that look random and are the same in every run.
struct Numbers {
    private var state: UInt64
    init(_ seed: Int) { state = UInt64(truncatingIfNeeded: seed) &* 0x9e37_79b9_7f4a_7c15 &+ 1 }

    /// In [-1, 1).
    mutating func next() -> Float {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int32(truncatingIfNeeded: state >> 32)) / 2_147_483_648
    }
    mutating func array(_ count: Int, scale: Float = 1, offset: Float = 0) -> [Float] {
        (0..<count).map { _ in next() * scale + offset }
    }
}

/// bf16: the upper half of an f32, rounded to nearest even.
func bf16(_ x: Float) -> UInt16 {
    let bits = x.bitPattern
    return x.isNaN ? 0x7fc0 : UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ ((bits >> 16) & 1)) >> 16)
}
func widened(_ x: UInt16) -> Float { Float(bitPattern: UInt32(x) << 16) }
func roundedToBF16(_ x: Float) -> Float { widened(bf16(x)) }

func buffer<T: BitwiseCopyable>(_ elements: [T], padding: Int = 0) -> AlignedBuffer<T> {
    AlignedBuffer(copying: elements, padding: padding)
}

extension Activation {
    /// The function in double precision.
    func reference(_ x: Double) -> Double {
        switch self {
        case .identity: x
        case .gelu: 0.5 * x * erfc(-x / 2.0.squareRoot())
        case .geluTanh:
            0.5 * x * (1 + hyperbolicTangent(0.797_884_560_802_865_4 * (x + 0.044_715 * x * x * x)))
        case .quickGELU: x / (1 + exp(-1.702 * x))
        case .relu: max(x, 0)
        case .silu: x / (1 + exp(-x))
        case .tanh: hyperbolicTangent(x)
        }
    }

    /// The largest error of a kernel's form in a product of this precision; below f32, GELU is a shorter
    /// polynomial.
    func bound(_ precision: ComputePrecision) -> Double {
        switch self {
        case .identity, .relu: 0
        case .gelu: precision == .f32 ? 1e-6 : 1.2e-4
        case .geluTanh, .quickGELU, .silu: 2e-6
        case .tanh: 3e-7
        }
    }
}

private func hyperbolicTangent(_ x: Double) -> Double {
    let e = expm1(2 * abs(x))
    return (x < 0 ? -1 : 1) * (e.isInfinite ? 1 : e / (e + 2))
}

/// One matrix product with its operands as a kernel gets them, and the same in double precision.
struct Product {
    var m: Int, n: Int, k: Int
    let precision: ComputePrecision
    var activation = Activation.identity
    var hasBias = false
    var hasResidual = false
    var isBF16 = false

    let a: [Float]
    let w: [Float]
    let bias: [Float]
    let residual: [Float]
    /// Distance between rows of C, whose last columns must stay as they were.
    var stride: Int { n + 5 }
    static let untouched: Float = -77

    init(
        m: Int, n: Int, k: Int, _ precision: ComputePrecision, _ activation: Activation = .identity,
        bias: Bool = false,
        residual: Bool = false,
        bf16: Bool = false, scale: Float = 2
    ) {
        self.m = m
        self.n = n
        self.k = k
        self.precision = precision
        self.activation = activation
        hasBias = bias
        hasResidual = residual
        isBF16 = bf16
        var numbers = Numbers(m * 1_000_003 + n * 1009 + k)
        a = numbers.array(m * k, scale: scale)
        w = numbers.array(n * k)
        self.bias = numbers.array(n)
        self.residual = numbers.array(m * n)
    }

    func packed(_ kernels: Kernels) -> PackedMatrix {
        PackedMatrix(
            outputs: n, inputs: k, bias: hasBias ? bias : nil, precision: precision, kernels: kernels
        ) { rows, destination in
            for (i, value) in w[(rows.lowerBound * k)..<(rows.upperBound * k)].enumerated() {
                destination[i] = value
            }
        }
    }

    /// The kernel's C for the rows in `rows`, `stride` apart.
    func run(_ kernels: Kernels, rows: Range<Int>? = nil) -> [Float] {
        let rows = rows ?? 0..<m
        let matrix = packed(kernels)
        let operand = OperandRows(
            form: precision == .f32 ? .f32 : precision == .bf16 ? .bf16 : .u8, rows: rows.count, width: k)
        fill(operand, rows, kernels)
        let residual = buffer(self.residual)
        let own = hasResidual ? UnsafePointer(residual.pointer + rows.lowerBound * n) : nil
        if isBF16 {
            let c = buffer([UInt16](repeating: bf16(Product.untouched), count: rows.count * stride))
            matrix.apply(
                operand.operand(), rows: rows.count, to: .init(bf16: c.pointer, stride: stride),
                activation: activation, residual: own,
                residualStride: n)
            return c.buffer.map(widened)
        }
        let c = buffer([Float](repeating: Product.untouched, count: rows.count * stride))
        matrix.apply(
            operand.operand(), rows: rows.count, to: .init(f32: c.pointer, stride: stride),
            activation: activation, residual: own,
            residualStride: n)
        return Array(c.buffer)
    }

    private func fill(_ operand: OperandRows, _ rows: Range<Int>, _ kernels: Kernels) {
        let source = operand.form == .f32 ? operand : OperandRows(form: .f32, rows: rows.count, width: k)
        for (i, row) in rows.enumerated() {
            for j in 0..<k {
                let value = a[row * k + j]
                if operand.form == .bf16 {
                    operand.bf16[i * operand.stride + j] = bf16(value)
                } else {
                    source.f32[i * source.stride + j] = value
                }
            }
        }
        if operand.form == .u8 { operand.quantise(source, from: 0, rows: rows.count, kernels) }
    }

    /// C in double precision, from operands rounded as the precision says, and for each the sum of |a| |w|
    /// that bounds rounding.
    func reference() -> (values: [Double], magnitude: [Double]) {
        var a: [Double] = []
        for i in 0..<m { a += rounded(Array(self.a[(i * k)..<((i + 1) * k)])) }
        var w: [Double] = []
        for j in 0..<n { w += roundedWeights(Array(self.w[(j * k)..<((j + 1) * k)])) }
        var values: [Double] = []
        var magnitude: [Double] = []
        for i in 0..<m {
            for j in 0..<n {
                var sum = 0.0
                var size = 0.0
                for l in 0..<k {
                    let term: Double = a[i * k + l] * w[j * k + l]
                    sum += term
                    size += abs(term)
                }
                if hasBias { sum += Double(bias[j]) }
                var value = activation.reference(sum)
                if hasResidual { value += Double(residual[i * n + j]) }
                values.append(value)
                magnitude.append(size + 1)
            }
        }
        return (values, magnitude)
    }

    private func rounded(_ row: [Float]) -> [Double] {
        switch precision {
        case .f32: return row.map(Double.init)
        case .bf16: return row.map { Double(roundedToBF16($0)) }
        case .int8, .int4:
            let low = min(row.min() ?? 0, 0)
            let range = max(row.max() ?? 0, 0) - low
            guard range > 0 else { return row.map { _ in 0 } }
            let inverse = 255 / range
            let zero = (-low * inverse).rounded(.toNearestOrEven)
            return row.map { value in
                let code = min(max(zero.addingProduct(value, inverse), 0), 255).rounded(.toNearestOrEven)
                return Double(code - zero) * Double(range / 255)
            }
        }
    }

    private func roundedWeights(_ row: [Float]) -> [Double] {
        if precision == .int4 { return Int4Reference.rounded(row) }
        guard precision == .int8 else { return rounded(row) }
        let magic: Float = 12_582_912  // 1.5 * 2^23
        return Swift.stride(from: 0, to: row.count, by: MK_INT8_GROUP).flatMap { first in
            let group = row[first..<min(first + MK_INT8_GROUP, row.count)]
            let largest = group.map(abs).max() ?? 0
            guard largest > 0 else { return group.map { _ in 0.0 } }
            return group.map {
                Double(magic.addingProduct($0, 127 / largest) - magic) * Double(largest / 127)
            }
        }
    }
}
