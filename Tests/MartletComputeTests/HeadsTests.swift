import MartletSystem
import Testing

@testable import MartletCompute

@Suite struct HeadsTests {
    /// Norms and rotary positions of heads that lie between others, against double precision.
    @Test(arguments: Kernels.available, [OperandRows.Form.f32, .bf16])
    func matchDoublePrecision(_ kernels: Kernels, _ form: OperandRows.Form) {
        for (size, rotated) in [(2, 2), (6, 4), (16, 16), (33, 20), (64, 64), (64, 0), (256, 256)] {
            for hasNorm in [false, true] {
                var numbers = Numbers(size * 300 + rotated)
                let (tokens, heads, column) = (5, 3, 7)
                let rows = OperandRows(form: form, rows: tokens + 1, width: column + heads * size + 3)
                var before = numbers.array((tokens + 1) * rows.stride, scale: 3)
                for (i, x) in before.enumerated() {
                    if form == .bf16 { rows.bf16[i] = bf16(x) } else { rows.f32[i] = x }
                    before[i] = form == .bf16 ? roundedToBF16(x) : x
                }
                let gamma = numbers.array(size, offset: 1)
                let frequencies = (0..<rotated / 2).map { 1 / pow(100, Float(2 * $0) / Float(rotated)) }
                let angles = RotaryAngles(positions: tokens, pairs: rotated / 2)
                angles.fill(positions: tokens, frequencies: frequencies, factor: 1.25)
                kernels.heads(
                    rows, first: 1, tokens: tokens, column: column, heads: heads, headSize: size,
                    norm: hasNorm ? NormWeights(gamma: gamma, beta: nil, epsilon: 1e-6, isRMS: true) : nil,
                    rotary: rotated > 0 ? angles : nil)
                var expected = before.map(Double.init)
                for token in 0..<tokens {
                    for head in 0..<heads {
                        let at = (token + 1) * rows.stride + column + head * size
                        var x = Array(expected[at..<at + size])
                        if hasNorm {
                            let inverse =
                                1 / (x.reduce(0) { $0 + $1 * $1 } / Double(size) + 1e-6).squareRoot()
                            for i in 0..<size { x[i] *= inverse * Double(gamma[i]) }
                        }
                        let plain = x
                        for i in 0..<rotated / 2 {
                            let angle = Double(Float(token) * frequencies[i])
                            x[i] = 1.25 * (plain[i] * cos(angle) - plain[rotated / 2 + i] * sin(angle))
                            x[rotated / 2 + i] =
                                1.25 * (plain[rotated / 2 + i] * cos(angle) + plain[i] * sin(angle))
                        }
                        expected.replaceSubrange(at..<at + size, with: x)
                    }
                }
                for (i, value) in expected.enumerated() {
                    let found = Double(form == .bf16 ? widened(rows.bf16[i]) : rows.f32[i])
                    let bound = form == .bf16 ? abs(value) / 200 + 1e-5 : 4e-6
                    if abs(found - value) <= bound { continue }
                    Issue.record(
                        "\(kernels.name) \(form) size \(size) rotated \(rotated) norm \(hasNorm) at \(i): \(found), expected \(value)"
                    )
                    return
                }
            }
        }
    }

    /// activation(a) · b, with either half activated.
    @Test(arguments: Kernels.available, [OperandRows.Form.f32, .bf16])
    func gates(_ kernels: Kernels, _ form: OperandRows.Form) {
        for (width, activation) in zip([1, 7, 16, 33, 100, 50, 8], Activation.allCases) {
            for activatesSecond in [false, true] {
                var numbers = Numbers(width)
                let (rows, output) = (
                    OperandRows(form: form, rows: 3, width: 2 * width),
                    OperandRows(form: form, rows: 3, width: width)
                )
                let values = numbers.array(3 * rows.stride, scale: 3).map {
                    form == .bf16 ? roundedToBF16($0) : $0
                }
                for (i, x) in values.enumerated() {
                    if form == .bf16 { rows.bf16[i] = bf16(x) } else { rows.f32[i] = x }
                }
                kernels.gate(rows, output, 0..<3, activation: activation, activatesSecond: activatesSecond)
                for i in 0..<3 * width {
                    let (row, column) = (i / width, i % width)
                    let (first, second) = (
                        values[row * rows.stride + column], values[row * rows.stride + width + column]
                    )
                    let (a, b) = activatesSecond ? (second, first) : (first, second)
                    let expected = activation.reference(Double(a)) * Double(b)
                    let at = row * output.stride + column
                    let found = Double(form == .bf16 ? widened(output.bf16[at]) : output.f32[at])
                    let bound = form == .bf16 ? abs(expected) / 200 + 3e-4 : 1e-5
                    #expect(
                        abs(found - expected) <= bound,
                        "\(kernels.name) \(form) \(activation) width \(width) at \(row), \(column)")
                }
            }
        }
    }

    @Test(arguments: Kernels.available)
    func rmsNorm(_ kernels: Kernels) {
        for width in [1, 5, 16, 36, 384] {
            var numbers = Numbers(width)
            let (x, gamma) = (numbers.array(3 * width, scale: 2, offset: 1), numbers.array(width, offset: 1))
            let rows = buffer(x)
            let weights = NormWeights(gamma: gamma, beta: nil, epsilon: 1e-5, isRMS: true)
            weights.norming(rows.pointer, stride: width, output: rows.pointer, rows: 3).run(kernels)
            for row in 0..<3 {
                let values = x[row * width..<(row + 1) * width].map(Double.init)
                let inverse = 1 / (values.reduce(0) { $0 + $1 * $1 } / Double(width) + 1e-5).squareRoot()
                for (i, value) in values.enumerated() {
                    #expect(
                        abs(Double(rows.pointer[row * width + i]) - value * inverse * Double(gamma[i]))
                            < 3e-6, "\(kernels.name) \(width)")
                }
            }
        }
    }
}
