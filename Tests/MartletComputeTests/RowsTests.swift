import CMartletKernels
import Testing

@testable import MartletCompute

@Suite struct NormTests {
    static let widths = [1, 7, 16, 36, 384, 1000]

    @Test(arguments: Kernels.available, widths)
    func matchesDoublePrecisionInThreeForms(_ kernels: Kernels, _ n: Int) {
        for offset in [Float(0), 100, -3000] {
            var numbers = Numbers(n)
            let rows = 5
            let x = numbers.array(rows * n, scale: 3, offset: offset)
            let weights = NormWeights(
                gamma: numbers.array(n, scale: 0.3, offset: 1), beta: numbers.array(n), epsilon: 1e-5)
            for form in [OperandRows.Form.f32, .bf16, .u8] {
                let source = buffer(x)
                let output = OperandRows(form: form, rows: rows, width: n)
                let y = AlignedBuffer<Float>(count: rows * n)
                output.norming(source.pointer, stride: n, output: y.pointer, first: 0, rows: rows, weights)
                    .run(kernels)
                // In place, as the models call it.
                output.norming(
                    source.pointer, stride: n, output: source.pointer, first: 0, rows: rows, weights
                ).run(kernels)
                #expect(Array(source.buffer) == Array(y.buffer))
                for i in 0..<rows {
                    let row = x[(i * n)..<((i + 1) * n)].map(Double.init)
                    let mean = row.reduce(0, +) / Double(n)
                    let variance = row.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(n)
                    for j in 0..<n {
                        let normal = (row[j] - mean) / (variance + 1e-5).squareRoot()
                        let expected =
                            normal * Double(weights.gamma.buffer[j]) + Double(weights.beta.buffer[j])
                        // The mean's rounding is relative to the offset; a row of one element is all
                        // rounding, magnified by epsilon.
                        let bound = 3e-6 + Double(abs(offset)) * (n == 1 ? 0 : 1e-6)
                        let found = y.buffer[i * n + j]
                        #expect(
                            abs(Double(found) - expected) <= bound,
                            "\(kernels.name) n \(n) offset \(offset) row \(i) column \(j)")
                        if form == .bf16 { #expect(output.bf16[i * output.stride + j] == bf16(found)) }
                    }
                    if form == .u8 {
                        Rows.checkQuantised(
                            output, row: i, values: Array(y.buffer[(i * n)..<((i + 1) * n)]), kernels)
                    }
                }
            }
        }
    }

    @Test(arguments: Kernels.available)
    func anEqualRowIsBeta(_ kernels: Kernels) {
        let weights = NormWeights(
            gamma: Array(repeating: 2, count: 20), beta: Array(repeating: 0.25, count: 20), epsilon: 1e-12)
        let x = buffer([Float](repeating: 8, count: 20))
        OperandRows(form: .f32, rows: 1, width: 20).norming(
            x.pointer, stride: 20, output: x.pointer, first: 0, rows: 1, weights
        ).run(
            kernels)
        #expect(x.buffer.allSatisfy { $0 == 0.25 })
    }

    @Test(arguments: Kernels.available, [OperandRows.Form.f32, .bf16, .u8])
    func aNaNFillsItsRowAndNoOther(_ kernels: Kernels, _ form: OperandRows.Form) {
        let n = 21
        let weights = NormWeights(
            gamma: Array(repeating: 1, count: n), beta: Array(repeating: 0, count: n), epsilon: 1e-5)
        for (column, bad) in [(0, Float.nan), (20, .nan), (5, .infinity)] {
            var numbers = Numbers(3)
            let x = buffer(numbers.array(3 * n))
            x.pointer[n + column] = bad
            let rows = OperandRows(form: form, rows: 3, width: n)
            rows.norming(x.pointer, stride: n, output: x.pointer, first: 0, rows: 3, weights).run(kernels)
            #expect(x.buffer[n..<(2 * n)].allSatisfy { $0.isNaN })
            #expect(
                x.buffer[..<n].allSatisfy { $0.isFinite } && x.buffer[(2 * n)...].allSatisfy { $0.isFinite })
            if form == .u8 {
                let operand = rows.operand()
                #expect(
                    operand.scale?[1].isNaN == true && operand.scale?[0].isFinite == true
                        && operand.scale?[2].isFinite == true)
            }
        }
    }
}

enum Rows {
    static func checkSame(_ a: PackedMatrix.Operand, _ b: PackedMatrix.Operand, rows: Int, bytes: Int) {
        for row in 0..<rows {
            let (x, y) = (a.values + row * a.byteStride, b.values + row * b.byteStride)
            let differs = (0..<bytes).first {
                x.load(fromByteOffset: $0, as: UInt8.self) != y.load(fromByteOffset: $0, as: UInt8.self)
            }
            #expect(differs == nil, "row \(row)")
            #expect(
                a.scale?[row] == b.scale?[row] && a.shift?[row] == b.shift?[row] && a.scale != nil,
                "row \(row)")
        }
    }

    /// A u8 row must give its values back to half a step, with zero exact and zeros up to a whole unit.
    static func checkQuantised(_ rows: OperandRows, row: Int, values: [Float], _ kernels: Kernels) {
        let operand = rows.operand()
        guard let scale = operand.scale?[row], let shift = operand.shift?[row] else {
            Issue.record("not a u8 row")
            return
        }
        let bytes = operand.values.assumingMemoryBound(to: UInt8.self) + row * operand.byteStride
        let step = (max(values.max() ?? 0, 0) - min(values.min() ?? 0, 0)) / 255
        #expect(scale == step, "\(kernels.name)")
        for (j, value) in values.enumerated() {
            let back = scale * Float(bytes[j]) - shift
            #expect(
                abs(back - value) <= step * 0.502 + abs(shift) * 1e-6,
                "\(kernels.name) column \(j): \(value) became \(back)")
            if value == 0 { #expect(abs(back) <= abs(shift) * 2e-7) }
        }
        for j in values.count..<((values.count + 3) / 4 * 4) { #expect(bytes[j] == 0) }
    }
}

@Suite struct QuantiseTests {
    @Test(arguments: Kernels.available, NormTests.widths)
    func valuesComeBackToHalfAStep(_ kernels: Kernels, _ n: Int) {
        for (scale, offset) in [(Float(3), Float(0)), (0.01, 5), (0.01, -5), (1e4, 0), (1e-3, 0)] {
            for form in [OperandRows.Form.f32, .bf16] {
                var numbers = Numbers(n)
                let rows = 5  // more than are taken side by side
                let source = OperandRows(.init(form: form, rows: rows + 1, width: n, areQuantised: true))
                var values: [[Float]] = []
                for i in 0...rows {
                    let row = numbers.array(n, scale: scale, offset: offset).map {
                        form == .bf16 ? roundedToBF16($0) : $0
                    }
                    values.append(row)
                    for (j, value) in row.enumerated() {
                        if form == .bf16 {
                            source.bf16[i * source.stride + j] = bf16(value)
                        } else {
                            source.f32[i * source.stride + j] = value
                        }
                    }
                }
                let target = OperandRows(form: .u8, rows: rows, width: n)
                target.quantise(source, from: 1, rows: rows, kernels)
                for i in 0..<rows { Rows.checkQuantised(target, row: i, values: values[i + 1], kernels) }
                source.quantising(from: 1, rows: rows)?.run(kernels)
                Rows.checkSame(source.operand(from: 1), target.operand(), rows: rows, bytes: (n + 3) / 4 * 4)
            }
        }
    }

    /// Fine rows are nearer to their values by 2⁸; the others are as they were.
    @Test(arguments: Kernels.available)
    func fineRowsComeBackNearer(_ kernels: Kernels) {
        let (rows, n) = (5, 67)
        var numbers = Numbers(n)
        let values = (0..<rows).map { _ in numbers.array(n, scale: 3, offset: 1) }
        let source = buffer(values.flatMap { $0 })
        let factors = buffer((0..<rows).map { $0 % 2 == 0 ? FineRows.factor : 0 })
        let fine = FineRows(factors: factors.pointer)
        let target = OperandRows(.init(form: .u8, rows: rows, width: n, mayBeFine: true))
        target.quantise(f32: source.pointer, stride: n, into: 0, rows: rows, fine: fine, kernels)
        // Products with the rows of a unit matrix give the values back.
        let unit = PackedMatrix(outputs: n, inputs: n, bias: nil, precision: .int8, kernels: kernels) {
            range, to in
            for row in range {
                for column in 0..<n { to[(row - range.lowerBound) * n + column] = row == column ? 1 : 0 }
            }
        }
        let output = OperandRows(form: .f32, rows: rows, width: n)
        unit.apply(target.operand(fine: fine), rows: rows, to: output.output())
        for row in 0..<rows {
            let step = (max(values[row].max() ?? 0, 0) - min(values[row].min() ?? 0, 0)) / 255
            let bound = row % 2 == 0 ? step / 200 : step * 0.502
            for column in 0..<n {
                let back = output.f32[row * output.stride + column]
                #expect(abs(back - values[row][column]) <= bound + 4e-6, "\(kernels.name) row \(row)")
            }
        }
    }

    @Test(arguments: Kernels.available)
    func zeroEqualAndTinyRows(_ kernels: Kernels) {
        for value in [Float(0), 2, -2, Float(bitPattern: 70_000), -Float.leastNormalMagnitude] {
            let source = OperandRows(form: .f32, rows: 1, width: 19)
            for j in 0..<19 { source.f32[j] = value }
            let target = OperandRows(form: .u8, rows: 1, width: 19)
            target.quantise(source, from: 0, rows: 1, kernels)
            let operand = target.operand()
            let bytes = operand.values.assumingMemoryBound(to: UInt8.self)
            let scale = operand.scale?[0] ?? .nan
            let shift = operand.shift?[0] ?? .nan
            for j in 0..<19 {
                #expect(
                    abs(scale * Float(bytes[j]) - shift - value) <= 1e-6 * abs(value) + 1e-37,
                    "\(kernels.name) \(value)")
            }
        }
    }

    @Test(arguments: Kernels.available)
    func aNaNOrInfinityMakesTheScaleNaN(_ kernels: Kernels) {
        for (column, bad) in [(0, Float.nan), (16, .nan), (18, .nan), (3, .infinity), (18, -.infinity)] {
            for form in [OperandRows.Form.f32, .bf16] {
                for rows in [2, 4] {
                    let source = OperandRows(form: form, rows: rows, width: 19)
                    let at = source.stride + column
                    if form == .bf16 { source.bf16[at] = bf16(bad) } else { source.f32[at] = bad }
                    let target = OperandRows(form: .u8, rows: rows, width: 19)
                    target.quantise(source, from: 0, rows: rows, kernels)
                    for i in 0..<rows {
                        let scale = target.operand().scale?[i] ?? -1
                        #expect(
                            i == 1 ? scale.isNaN : scale == 0,
                            "\(kernels.name) \(bad) \(form) row \(i) of \(rows)")
                    }
                }
            }
        }
    }

    @Test(arguments: [1, 19, 384, 768, 1024, 3072, 4096])
    func rowsAreNeverWholeKiBApart(_ width: Int) {
        for (form, size) in [(OperandRows.Form.f32, 4), (.bf16, 2), (.u8, 1)] {
            let stride = OperandRows.Extent(form: form, rows: 1, width: width).stride
            #expect(stride >= width && stride * size % 16 == 0 && stride * size % 1024 != 0, "\(form)")
            #expect(stride * size <= width * size + 64 + 15 * size, "\(form)")
        }
    }
}

@Suite struct VectorTests {
    @Test(arguments: Kernels.available)
    func dotAndAddScaled(_ kernels: Kernels) {
        for n in [0, 1, 3, 7, 8, 15, 16, 17, 31, 32, 33, 100, 384, 1000] {
            var numbers = Numbers(n)
            let a = buffer(numbers.array(n))
            let b = buffer(numbers.array(n))
            let exact = zip(a.buffer, b.buffer).map { Double($0) * Double($1) }
            let size = exact.map(abs).reduce(0, +)
            #expect(
                abs(Double(kernels.dot(a.pointer, b.pointer, count: n)) - exact.reduce(0, +)) <= size * 1e-6,
                "\(kernels.name) \(n)")

            let y = buffer(Array(b.buffer), padding: 3)
            for i in n..<(n + 3) { y.pointer[i] = 9 }
            kernels.add(a.pointer, scaledBy: 0.3, to: y.pointer, count: n)
            for i in 0..<n {
                let expected = Double(b.buffer[i]) + Double(Float(0.3)) * Double(a.buffer[i])
                #expect(abs(Double(y.buffer[i]) - expected) <= 2e-7, "\(kernels.name) \(n)")
            }
            #expect(y.buffer[n..<(n + 3)].allSatisfy { $0 == 9 })
        }
    }
}
