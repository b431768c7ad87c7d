import Testing

@testable import MartletCompute

/// Every table against double precision: the last in the list is the scalar reference itself.
@Suite struct GEMMTests {
    static let widths = [1, 3, 4, 15, 16, 17, 31, 32, 33, 100]
    static let depths = [1, 2, 3, 4, 5, 16, 30, 64, 67, 130]

    /// Compares all of C and the columns beyond it; at most one failure for a product.
    static func check(_ product: Product, _ kernels: Kernels) {
        let found = product.run(kernels)
        let (values, magnitude) = product.reference()
        for i in 0..<product.m {
            for j in 0..<product.stride {
                let value = found[i * product.stride + j]
                if j >= product.n {
                    guard value == roundedToBF16(Product.untouched) else {
                        Issue.record(
                            "\(kernels.name) \(product.precision) \(product.m)x\(product.n)x\(product.k): column \(j) was written"
                        )
                        return
                    }
                    continue
                }
                let expected = values[i * product.n + j]
                var bound =
                    magnitude[i * product.n + j] * 3e-7 * (product.precision.roundsInputs ? 4 : 1)
                    + product.activation.bound(product.precision)
                bound *= 1.2
                if product.isBF16 { bound += abs(expected) / 250 }
                guard abs(Double(value) - expected) <= bound else {
                    Issue.record(
                        """
                        \(kernels.name) \(product.precision) \(product.m)x\(product.n)x\(product.k) \(product.activation), row \(i) column \(j): \
                        \(value), expected \(expected) ± \(bound)
                        """)
                    return
                }
            }
        }
    }

    @Test(arguments: Kernels.available, ComputePrecision.allCases)
    func matchesDoublePrecisionOverShapes(_ kernels: Kernels, _ precision: ComputePrecision) {
        var variant = 0
        for m in Array(1...30) + [113, 225] {
            // A fifth of the shapes for each m, which over all m is every pair several times.
            for (i, n) in GEMMTests.widths.enumerated() {
                for (j, k) in GEMMTests.depths.enumerated() where (i + j + m) % (m > 30 ? 12 : 5) == 0 {
                    variant += 1
                    let activation = Activation.allCases[variant % Activation.allCases.count]
                    GEMMTests.check(
                        Product(
                            m: m, n: n, k: k, precision, activation, bias: variant % 2 == 0,
                            residual: variant % 3 == 0,
                            bf16: variant % 4 == 0), kernels)
                }
            }
        }
        GEMMTests.check(Product(m: 2, n: 130, k: 1030, precision, bias: true), kernels)
        GEMMTests.check(Product(m: 5, n: 70, k: 600, precision, .gelu, bias: true), kernels)
    }

    @Test(arguments: Kernels.available, ComputePrecision.allCases)
    func aRowHasTheSameBitsInAnyBatch(_ kernels: Kernels, _ precision: ComputePrecision) {
        for (n, k, activation) in [(100, 67, Activation.gelu), (33, 384, .identity), (130, 30, .silu)] {
            let whole = Product(m: 225, n: n, k: k, precision, activation, bias: true, residual: true)
            let all = whole.run(kernels)
            for rows in [
                0..<1, 7..<9, 17..<20, 100..<104, 60..<65, 219..<225, 3..<10, 40..<54, 0..<15, 5..<118,
                224..<225,
            ] {
                let some = whole.run(kernels, rows: rows)
                let same = all[(rows.lowerBound * whole.stride)..<(rows.upperBound * whole.stride)]
                #expect(
                    some.map(\.bitPattern) == same.map(\.bitPattern),
                    "\(kernels.name) \(precision) n \(n) k \(k) rows \(rows)")
            }
        }
    }

    /// Quantised weights and their sums are integers, so every vector table gives the same bits, and scalar
    /// nearly so.
    @Test func int8AgreesBetweenInstructionSets() throws {
        let vectors = Kernels.available.dropLast()
        let first = try #require(vectors.first ?? Kernels.available.first)
        for (m, n, k) in [(3, 40, 67), (20, 33, 384), (1, 7, 1536)] {
            let product = Product(m: m, n: n, k: k, .int8, bias: true)
            let expected = product.run(first)
            for kernels in vectors {
                #expect(product.run(kernels) == expected, "\(kernels.name) differs from \(first.name)")
            }
        }
    }

    /// 255 · ±127 over all of k: the sums that would overflow 16 bits or saturate.
    @Test(arguments: Kernels.available)
    func int8HoldsTheLargestSums(_ kernels: Kernels) {
        let k = 1536
        let matrix = PackedMatrix(outputs: 2, inputs: k, bias: nil, precision: .int8, kernels: kernels) {
            rows, destination in
            for (i, row) in rows.enumerated() {
                for j in 0..<k { destination[i * k + j] = row == 0 ? 127 : -127 }
            }
        }
        let source = OperandRows(form: .f32, rows: 1, width: k)
        for j in 0..<k { source.f32[j] = 255 }
        let operand = OperandRows(form: .u8, rows: 1, width: k)
        operand.quantise(source, from: 0, rows: 1, kernels)
        let c = AlignedBuffer<Float>(count: 2)
        matrix.apply(operand.operand(), rows: 1, to: .init(f32: c.pointer, stride: 2))
        #expect(Array(c.buffer) == [Float(255 * 127 * k), Float(-255 * 127 * k)])
    }

    @Test(arguments: Kernels.available, ComputePrecision.allCases)
    func aNaNReachesEveryOutputOfItsRowAndNoOther(_ kernels: Kernels, _ precision: ComputePrecision) {
        for activation in Activation.allCases {
            for bad in [Float.nan, .infinity] where !(bad.isInfinite && !precision.roundsInputs) {
                let operand = OperandRows(
                    form: precision == .f32 ? .f32 : precision == .bf16 ? .bf16 : .u8, rows: 3, width: 20)
                let source = OperandRows(form: .f32, rows: 3, width: 20)
                for i in 0..<(3 * source.stride) where i % source.stride < 20 {
                    source.f32[i] = 0.1 * Float(i % 7) - 0.2
                }
                source.f32[source.stride + 3] = bad
                for i in 0..<(3 * source.stride) {
                    if precision == .f32 { operand.f32[i] = source.f32[i] }
                    if precision == .bf16 { operand.bf16[i] = bf16(source.f32[i]) }
                }
                if precision.roundsInputs { operand.quantise(source, from: 0, rows: 3, kernels) }
                let matrix = PackedMatrix(
                    outputs: 35, inputs: 20, bias: nil, precision: precision, kernels: kernels
                ) { _, destination in
                    for i in destination.indices { destination[i] = 0.3 - Float(i % 5) * 0.1 }
                }
                for isBF16 in [false, true] {
                    let c = AlignedBuffer<Float>(count: 3 * 35)
                    let half = AlignedBuffer<UInt16>(count: 3 * 35)
                    matrix.apply(
                        operand.operand(), rows: 3,
                        to: isBF16
                            ? .init(bf16: half.pointer, stride: 35) : .init(f32: c.pointer, stride: 35),
                        activation: activation)
                    let values = isBF16 ? half.buffer.map(widened) : Array(c.buffer)
                    #expect(
                        values[35..<70].allSatisfy { $0.isNaN },
                        "\(kernels.name) \(precision) \(activation) \(bad) bf16 \(isBF16)")
                    #expect(
                        (values[..<35] + values[70...]).allSatisfy { $0.isFinite },
                        "\(kernels.name) \(precision) \(activation) \(bad)")
                }
            }
        }
    }

    /// Weights whose scale would overflow when inverted.
    @Test(arguments: Kernels.available)
    func int8TakesZeroAndTinyRows(_ kernels: Kernels) {
        for tiny in [Float(0), Float(bitPattern: 70_000), 1e-38] {
            let matrix = PackedMatrix(
                outputs: 3, inputs: 8, bias: [1, 2, 3], precision: .int8, kernels: kernels
            ) { _, destination in
                for i in destination.indices { destination[i] = tiny }
            }
            let source = OperandRows(form: .f32, rows: 1, width: 8)
            for j in 0..<8 { source.f32[j] = tiny }
            let operand = OperandRows(form: .u8, rows: 1, width: 8)
            operand.quantise(source, from: 0, rows: 1, kernels)
            let c = AlignedBuffer<Float>(count: 3)
            matrix.apply(operand.operand(), rows: 1, to: .init(f32: c.pointer, stride: 3))
            #expect(Array(c.buffer) == [1, 2, 3], "\(kernels.name) \(tiny)")
        }
    }
}

@Suite struct ActivationTests {
    /// Each elementary function through a product with the identity matrix, which leaves its argument exact
    /// in f32.
    @Test(arguments: Kernels.available, Activation.allCases)
    func errorBounds(_ kernels: Kernels, _ activation: Activation) {
        let n = 32
        let identity = { (rows: Range<Int>, destination: UnsafeMutableBufferPointer<Float>) in
            for (i, row) in rows.enumerated() { for j in 0..<n { destination[i * n + j] = row == j ? 1 : 0 } }
        }
        let values =
            (0...6400).map { Float($0 - 3200) / 100 } + [
                -1e4, 1e4, -100, 100, -88, 88, -1e-3, 1e-3, -1e-20, 1e-20, 0,
            ]
        let count = (values.count + n - 1) / n
        for precision in [ComputePrecision.f32, .bf16] {
            let matrix = PackedMatrix(
                outputs: n, inputs: n, bias: nil, precision: precision, kernels: kernels, read: identity)
            let operand = OperandRows(form: precision == .f32 ? .f32 : .bf16, rows: count, width: n)
            for (i, value) in values.enumerated() {
                if precision == .f32 { operand.f32[i] = value } else { operand.bf16[i] = bf16(value) }
            }
            let c = AlignedBuffer<Float>(count: count * n)
            matrix.apply(
                operand.operand(), rows: count, to: .init(f32: c.pointer, stride: n), activation: activation)
            for (i, value) in values.enumerated() {
                let exact = activation.reference(Double(precision == .f32 ? value : roundedToBF16(value)))
                let bound = activation.bound(precision) + abs(exact) * 4e-7
                guard abs(Double(c.buffer[i]) - exact) <= bound else {
                    Issue.record(
                        "\(kernels.name) \(activation) of \(value) in \(precision): \(c.buffer[i]), expected \(exact) ± \(bound)"
                    )
                    return
                }
            }
        }
    }

    @Test func namesOfTransformers() {
        #expect(Activation(configured: "gelu") == .gelu)
        #expect(Activation(configured: "gelu_pytorch_tanh") == .geluTanh)
        #expect(Activation(configured: "swish") == .silu)
        #expect(Activation(configured: "mish") == nil)
    }
}
