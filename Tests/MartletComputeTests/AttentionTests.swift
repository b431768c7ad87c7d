import CMartletKernels
import MartletSystem
import Testing

@testable import MartletCompute

@Suite struct AttentionTests {
    static let headSizes = [1, 8, 10, 12, 32, 33, 64, 80]

    /// Rows [q | k | v] of one sequence, preceded by `first` rows of NaN that attention must not read.
    struct Sequence {
        let tokens: Int, heads: Int, headSize: Int, isBF16: Bool, first: Int
        var values: [Float]
        var width: Int { heads * headSize }

        init(tokens: Int, heads: Int, headSize: Int, bf16: Bool, magnitude: Float = 1, first: Int = 0) {
            self.tokens = tokens
            self.heads = heads
            self.headSize = headSize
            self.first = first
            isBF16 = bf16
            var numbers = Numbers(tokens * 100 + headSize)
            let width = heads * headSize
            values = (0..<(tokens * 3 * width)).map { i in
                let x = numbers.next() * (i % (3 * width) < 2 * width ? magnitude : 1)
                return bf16 ? roundedToBF16(x) : x
            }
        }

        /// - Parameter ofInt8: As in a pass whose products are int8.
        func run(_ kernels: Kernels, ofInt8: Bool = false) -> [Float] {
            let form: OperandRows.Form = isBF16 ? .bf16 : .f32
            let projections = OperandRows(form: form, rows: first + tokens, width: 3 * width)
            let context = OperandRows(
                OperandRows.Extent(form: form, rows: first + tokens, width: width, areQuantised: ofInt8))
            for i in 0..<(first * projections.stride) {
                if isBF16 { projections.bf16[i] = 0x7fc0 } else { projections.f32[i] = .nan }
            }
            for i in 0..<tokens {
                for j in 0..<(3 * width) {
                    let to = (first + i) * projections.stride + j
                    if isBF16 {
                        projections.bf16[to] = bf16(values[i * 3 * width + j])
                    } else {
                        projections.f32[to] = values[i * 3 * width + j]
                    }
                }
            }
            let scratch = AlignedBuffer<UInt8>(
                count: kernels.attentionScratch(bf16: isBF16, tokens: tokens, headSize: headSize))
            for i in 0..<scratch.count { scratch.pointer[i] = 0xff }
            kernels.attention(
                projections, context, first: first, tokens: tokens,
                AttentionHeads(queries: heads, size: headSize, scale: 1 / Float(headSize).squareRoot()),
                scratch: scratch.pointer)
            return (0..<tokens).flatMap { i in
                (0..<width).map { j in
                    isBF16
                        ? widened(context.bf16[(first + i) * context.stride + j])
                        : context.f32[(first + i) * context.stride + j]
                }
            }
        }

        func reference() -> [Double] {
            let scale = Double(1 / Float(headSize).squareRoot())
            var out = [Double](repeating: 0, count: tokens * width)
            for h in 0..<heads {
                for i in 0..<tokens {
                    let q = i * 3 * width + h * headSize
                    var weights: [Double] = []
                    for j in 0..<tokens {
                        let k = j * 3 * width + width + h * headSize
                        var score = 0.0
                        for d in 0..<headSize { score += Double(values[q + d]) * Double(values[k + d]) }
                        weights.append(score * scale)
                    }
                    let top = weights.max() ?? 0
                    var sum = 0.0
                    for j in 0..<tokens {
                        weights[j] = exp(weights[j] - top)
                        sum += weights[j]
                    }
                    for d in 0..<headSize {
                        var total = 0.0
                        for j in 0..<tokens {
                            total += weights[j] * Double(values[j * 3 * width + 2 * width + h * headSize + d])
                        }
                        out[i * width + h * headSize + d] = total / sum
                    }
                }
            }
            return out
        }
    }

    private func check(_ sequence: Sequence, _ kernels: Kernels, bound: Double) {
        let found = sequence.run(kernels)
        for (i, expected) in sequence.reference().enumerated()
        where !(abs(Double(found[i]) - expected) <= bound) {
            Issue.record(
                """
                \(kernels.name) bf16 \(sequence.isBF16) \(sequence.tokens) tokens \(sequence.heads)x\(sequence.headSize), row \(i / sequence.width) \
                column \(i % sequence.width): \(found[i]), expected \(expected) ± \(bound)
                """)
            return
        }
    }

    @Test(arguments: Kernels.available, [false, true])
    func matchesDoublePrecisionOverShapes(_ kernels: Kernels, _ bf16: Bool) {
        for tokens in Array(1...70) {
            let size = AttentionTests.headSizes[tokens % AttentionTests.headSizes.count]
            check(
                Sequence(tokens: tokens, heads: 2, headSize: size, bf16: bf16, first: tokens % 3), kernels,
                bound: bf16 ? 0.008 : 2e-6)
        }
        for size in AttentionTests.headSizes {
            for tokens in [1, 5, 31, 32, 33] {
                check(
                    Sequence(tokens: tokens, heads: 1, headSize: size, bf16: bf16), kernels,
                    bound: bf16 ? 0.008 : 2e-6)
            }
        }
        check(Sequence(tokens: 300, heads: 1, headSize: 32, bf16: bf16), kernels, bound: bf16 ? 0.008 : 2e-6)
    }

    /// Where an int8 pass keeps f32 between its products, attention may be as inexact as in bf16; each length
    /// takes its own way, and a head that holds what is not finite must not lose it.
    @Test(arguments: Kernels.available)
    func ofAnInt8Pass(_ kernels: Kernels) {
        for (tokens, size) in [
            (1, 32), (12, 32), (23, 8), (24, 8), (31, 33), (40, 12), (70, 64), (257, 32), (600, 32),
        ] {
            let sequence = Sequence(tokens: tokens, heads: 2, headSize: size, bf16: false, first: 1)
            let found = sequence.run(kernels, ofInt8: true)
            let worst = zip(found, sequence.reference()).map { abs(Double($0) - $1) }.reduce(0) {
                $1 <= $0 ? $0 : $1
            }
            #expect(worst <= 0.005, "\(kernels.name), \(tokens) tokens, heads of \(size)")
            for bad in [Float.nan, .infinity, -.infinity] {
                var poisoned = sequence
                // a value of the last token
                poisoned.values[(tokens - 1) * 3 * sequence.width + 2 * sequence.width] = bad
                let rows = poisoned.run(kernels, ofInt8: true)
                #expect(
                    (0..<tokens).allSatisfy { !rows[$0 * sequence.width].isFinite },
                    "\(kernels.name), \(tokens) tokens, \(bad)")
            }
        }
    }

    /// Scores near ±1e4: if the keys that fill a panel took part, theirs of 0 would be the row's maximum, and
    /// all else would vanish.
    @Test(arguments: Kernels.available, [false, true])
    func largeScores(_ kernels: Kernels, _ bf16: Bool) {
        for tokens in [1, 3, 17, 33, 40] {
            for sign in [Float(1), -1] {
                var sequence = Sequence(tokens: tokens, heads: 1, headSize: 16, bf16: bf16)
                for i in 0..<tokens {
                    for d in 0..<16 {
                        // All of one sign; keys differ in the first dimension by a few units of score.
                        sequence.values[i * 48 + d] = d == 0 ? 1 : 64
                        sequence.values[i * 48 + 16 + d] = d == 0 ? Float(i % 5) * 4 : sign * 40
                    }
                }
                check(sequence, kernels, bound: bf16 ? 0.008 : 5e-4)
            }
        }
        // Scores of up to 1e4 with both signs decide for one key; where two are close, rounding the scores
        // moves weight between them.
        check(
            Sequence(tokens: 37, heads: 1, headSize: 64, bf16: bf16, magnitude: 50), kernels,
            bound: bf16 ? 0.02 : 1e-3)
    }

    @Test(arguments: Kernels.available, [false, true])
    func aNaNIsNotLost(_ kernels: Kernels, _ bf16: Bool) {
        let size = 10
        let width = 2 * size
        for tokens in [1, 6, 20, 40] {
            let clean = Sequence(tokens: tokens, heads: 2, headSize: size, bf16: bf16)
            let token = tokens / 2
            for part in 0..<3 {
                var sequence = clean
                sequence.values[token * 3 * width + part * width + 3] = .nan
                let found = sequence.run(kernels)
                let good = clean.run(kernels)
                for i in 0..<tokens {
                    for j in 0..<width {
                        let value = found[i * width + j]
                        // A query poisons its row, a key every row, a value its column: in the first head
                        // only.
                        let poisoned = j < size && (part == 0 ? i == token : part == 1 ? true : j == 3)
                        #expect(
                            poisoned ? value.isNaN : value == good[i * width + j],
                            "\(kernels.name) part \(part) tokens \(tokens) at \(i), \(j)")
                    }
                }
            }
        }
    }

    /// With an odd head size, the last unit of a bf16 head reaches into its neighbour.
    @Test(arguments: Kernels.available, [false, true])
    func headsDoNotTouch(_ kernels: Kernels, _ bf16: Bool) {
        for size in [1, 5, 33] {
            let clean = Sequence(tokens: 19, heads: 3, headSize: size, bf16: bf16)
            var sequence = clean
            let width = 3 * size
            for i in 0..<19 {
                for part in 0..<3 {
                    for d in 0..<size { sequence.values[i * 3 * width + part * width + size + d] = .nan }
                }
            }
            let found = sequence.run(kernels)
            let good = clean.run(kernels)
            for i in 0..<(19 * width) where !(size..<(2 * size)).contains(i % width) {
                #expect(found[i] == good[i], "\(kernels.name) size \(size)")
            }
        }
    }

    @Test(arguments: Kernels.available, [false, true])
    func equalKeysGiveTheMean(_ kernels: Kernels, _ bf16: Bool) {
        var sequence = Sequence(tokens: 4, heads: 1, headSize: 8, bf16: bf16)
        for i in 0..<4 {
            for d in 0..<8 {
                sequence.values[i * 24 + 8 + d] = 3
                sequence.values[i * 24 + 16 + d] = Float(i)
            }
        }
        #expect(sequence.run(kernels).allSatisfy { abs($0 - 1.5) < 1e-6 })
    }

    @Test(arguments: Kernels.available)
    func noTokens(_ kernels: Kernels) {
        let rows = OperandRows(form: .f32, rows: 1, width: 24)
        let scratch = AlignedBuffer<UInt8>(
            count: kernels.attentionScratch(bf16: false, tokens: 0, headSize: 8))
        kernels.attention(
            rows, rows, first: 0, tokens: 0, AttentionHeads(queries: 1, size: 8, scale: 1),
            scratch: scratch.pointer)
        #expect(rows.f32[0] == 0)
    }
}
