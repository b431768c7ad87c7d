import MartletSystem
import Testing

@testable import MartletCompute

/// Attention with masks, biases by distance and shared heads of keys, against double precision.
@Suite struct GeneralAttentionTests {
    struct Form: Sendable {
        var before: Int?
        var after: Int?
        var keyHeads = 4
        var hasBias = false
    }
    static let forms = [
        Form(after: 0), Form(before: 7, after: 0, keyHeads: 2), Form(before: 5, after: 5, hasBias: true),
        Form(keyHeads: 1),
        Form(before: 40, after: 3, keyHeads: 2, hasBias: true), Form(before: 0, after: 0),
        Form(hasBias: true),
    ]

    private func rounded(_ x: Float, _ form: OperandRows.Form) -> Float {
        form == .bf16 ? roundedToBF16(x) : x
    }

    @Test(arguments: Kernels.available, [OperandRows.Form.f32, .bf16])
    func matchesDoublePrecision(_ kernels: Kernels, _ element: OperandRows.Form) {
        for (index, form) in GeneralAttentionTests.forms.enumerated() {
            for (tokens, size) in [(1, 8), (2, 5), (15, 16), (33, 6), (70, 3), (2, 256)] {
                let heads = AttentionHeads(
                    queries: 4, keys: form.keyHeads, size: size, scale: 0.4, before: form.before,
                    after: form.after)
                var numbers = Numbers(tokens * 1000 + size)
                let rows = OperandRows(form: element, rows: tokens, width: (4 + 2 * form.keyHeads) * size)
                let context = OperandRows(form: element, rows: tokens, width: 4 * size)
                let values = numbers.array(tokens * rows.stride + 4).map { rounded($0, element) }
                for (i, x) in values.prefix(tokens * rows.stride).enumerated() {
                    if element == .bf16 { rows.bf16[i] = bf16(x) } else { rows.f32[i] = x }
                }
                let bias = DistanceBias(heads: 4, positions: tokens + 3) {
                    Float($0) * 0.1 - Float(abs($1)) * 0.05 + ($1 > 0 ? 0.2 : 0)
                }
                let scratch = AlignedBuffer<UInt8>(
                    count: kernels.attentionScratch(bf16: element == .bf16, tokens: tokens, headSize: size))
                kernels.attention(
                    rows, context, first: 0, tokens: tokens, heads, bias: form.hasBias ? bias : nil,
                    scratch: scratch.pointer)

                func value(_ token: Int, _ column: Int) -> Double {
                    Double(values[token * rows.stride + column])
                }
                for query in 0..<tokens {
                    for head in 0..<4 {
                        let keyHead = head * form.keyHeads / 4
                        let seen = (0..<tokens).filter {
                            query - $0 <= form.before ?? tokens && $0 - query <= form.after ?? tokens
                        }
                        let scores = seen.map { key in
                            var score = 0.0
                            for d in 0..<size {
                                score += value(query, head * size + d) * value(key, (4 + keyHead) * size + d)
                            }
                            let distance = key - query
                            let added =
                                Double(head) * 0.1 - Double(abs(distance)) * 0.05 + (distance > 0 ? 0.2 : 0)
                            return score * 0.4 + (form.hasBias ? added : 0)
                        }
                        let top = scores.max() ?? 0
                        let weights = scores.map { exp($0 - top) }
                        for d in 0..<size {
                            var expected = 0.0
                            for (key, weight) in zip(seen, weights) {
                                expected += weight * value(key, (4 + form.keyHeads + keyHead) * size + d)
                            }
                            expected /= weights.reduce(0, +)
                            let at = query * context.stride + head * size + d
                            let found = Double(element == .bf16 ? widened(context.bf16[at]) : context.f32[at])
                            if abs(found - expected) <= (element == .bf16 ? 0.008 : 4e-6) { continue }
                            let place =
                                "form \(index), \(tokens) tokens of \(size), query \(query), head \(head)"
                            Issue.record("\(kernels.name) \(element) \(place): \(found)")
                            return
                        }
                    }
                }
            }
        }
    }

    /// A query's result does not depend on keys that it does not see.
    @Test(arguments: Kernels.available, [OperandRows.Form.f32, .bf16])
    func doesNotReadMaskedKeys(_ kernels: Kernels, _ element: OperandRows.Form) {
        let (tokens, size) = (40, 16)
        func run(_ spoilt: Int?) -> [Float] {
            var numbers = Numbers(3)
            let rows = OperandRows(form: element, rows: tokens, width: 3 * size)
            let context = OperandRows(form: element, rows: tokens, width: size)
            for token in 0..<tokens {
                for column in 0..<3 * size {
                    let x = numbers.next() + (token == spoilt && column >= size ? 1000 : 0)
                    let at = token * rows.stride + column
                    if element == .bf16 { rows.bf16[at] = bf16(x) } else { rows.f32[at] = x }
                }
            }
            let scratch = AlignedBuffer<UInt8>(
                count: kernels.attentionScratch(bf16: element == .bf16, tokens: tokens, headSize: size))
            let heads = AttentionHeads(queries: 1, size: size, scale: 0.25, before: 6, after: 2)
            kernels.attention(rows, context, first: 0, tokens: tokens, heads, scratch: scratch.pointer)
            return (0..<tokens * size).map { i in
                let at = i / size * context.stride + i % size
                return element == .bf16 ? widened(context.bf16[at]) : context.f32[at]
            }
        }
        let good = run(nil)
        for token in [0, 17, 39] {
            let spoilt = run(token)
            for query in 0..<tokens {
                let sees = token >= query - 6 && token <= query + 2
                let isSame =
                    good[query * size..<(query + 1) * size] == spoilt[query * size..<(query + 1) * size]
                #expect(isSame != sees, "\(kernels.name) \(element), query \(query), key \(token)")
            }
        }
    }
}
