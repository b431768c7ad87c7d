internal import MartletCompute

/// The head of a masked language model: logits = norm(activation(dense(x))) · Wᵀ + b, one for each token of
/// the vocabulary.
package struct MaskedLMHead: Sendable {
    package let hiddenSize: Int
    package let vocabularySize: Int
    package let parameters: Int
    /// Width of the rows that the decoder reads.
    let size: Int
    /// [size, hidden], in f32 whatever the precision: a small part of the work.
    let dense: PackedMatrix
    let activation: Activation
    let norm: NormWeights
    /// The decoder in blocks of `block` rows of the vocabulary.
    let decoder: [PackedMatrix]
    let precision: ComputePrecision
    let kernels: Kernels

    /// Logits of one product: its weights stay in the cache while the rows of a unit pass by, and so do its
    /// logits.
    static let block = 512
    static let rowsAtOnce = 64

    package var bytes: Int { decoder.reduce(dense.bytes) { $0 + $1.bytes } }

    /// The most memory that `pool` takes for a unit of so many tokens.
    package func scratchBytes(tokens: Int) -> Int {
        let block = min(Self.rowsAtOnce, tokens)
        return OperandRows.Extent(form: .f32, rows: tokens, width: size).bytes
            + (form == .f32 ? 0 : OperandRows.Extent(form: form, rows: tokens, width: size).bytes)
            + OperandRows.Extent(form: .f32, rows: block, width: Self.block).bytes + Self.block * 4
    }

    private var form: OperandRows.Form {
        switch precision {
        case .f32: .f32
        case .bf16: .bf16
        case .int8, .int4: .u8
        }
    }

    /// Pools the logits of each text's tokens to one weight for each token of the vocabulary (SPLADE, Formal
    /// et al. 2021).
    ///
    /// The logits are made and pooled a block of the vocabulary at a time; they never exist for a whole unit.
    /// - Parameters:
    ///   - hidden: The hidden states of the texts' tokens, in rows `stride` apart.
    ///   - offsets: Where each text begins, and the end of the last.
    ///   - each: Called with a text, the first token of a block of the vocabulary and the weights of the
    ///     block, from 0 on; for each text the blocks come in order.
    /// - Returns: The texts whose states are not finite, and whose weights mean nothing.
    package func pool(
        _ hidden: UnsafePointer<Float>, stride: Int, offsets: [Int], by pooling: SpladePooling,
        each: (_ text: Int, _ first: Int, _ weights: UnsafeBufferPointer<Float>) -> Void
    ) -> [Int] {
        let tokens = (offsets.last ?? 0) - (offsets.first ?? 0)
        guard tokens > 0, let start = offsets.first else { return [] }
        let rows = OperandRows(form: .f32, rows: tokens, width: size)
        let narrow = form == .f32 ? nil : OperandRows(form: form, rows: tokens, width: size)
        dense.apply(
            .init(f32: hidden + start * stride, stride: stride), rows: tokens,
            to: .init(f32: rows.f32, stride: rows.stride),
            activation: activation)
        (narrow ?? rows).norming(
            rows.f32, stride: rows.stride, output: rows.f32, first: 0, rows: tokens, norm
        ).run(kernels)
        let bad = (0..<offsets.count - 1).filter { text in
            (offsets[text]..<offsets[text + 1]).contains { row in
                let values = rows.f32 + (row - start) * rows.stride
                return !kernels.dot(values, values, count: size).isFinite
            }
        }

        let logits = OperandRows(form: .f32, rows: min(Self.rowsAtOnce, tokens), width: Self.block)
        let pooled = AlignedBuffer<Float>(count: Self.block)
        for (index, matrix) in decoder.enumerated() {
            let count = matrix.outputs
            var text = 0
            pooled.pointer.update(repeating: 0, count: count)
            for first in Swift.stride(from: 0, to: tokens, by: Self.rowsAtOnce) {
                let several = min(Self.rowsAtOnce, tokens - first)
                let operand = narrow?.operand(from: first) ?? rows.operand(from: first)
                matrix.apply(operand, rows: several, to: logits.output())
                for row in 0..<several {
                    pooling.add(logits.f32 + row * logits.stride, to: pooled.pointer, count: count)
                    guard start + first + row + 1 == offsets[text + 1] else { continue }
                    pooling.finish(pooled.pointer, count: count)
                    each(text, index * Self.block, UnsafeBufferPointer(start: pooled.pointer, count: count))
                    pooled.pointer.update(repeating: 0, count: count)
                    text += 1
                }
            }
        }
        return bad
    }
}
