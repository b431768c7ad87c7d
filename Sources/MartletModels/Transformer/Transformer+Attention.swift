internal import MartletCompute
internal import MartletSystem

extension Transformer {
    package var givesAttentionOfFirstToken: Bool {
        let attention = description.attention
        return !attention.isCausal && attention.distanceBias == nil && attention.relative == nil
            && description.convolution == nil && attention.spans.allSatisfy { $0.reach == nil }
    }

    /// From the last layer's queries and keys, which a forward pass leaves in the state: softmax(scale · q ·
    /// Kᵀ) of each head, averaged.
    package func attentionOfFirstToken(_ sequence: Int, _ batch: PackedBatch, _ state: any EncoderState)
        -> [Float]
    {
        guard let state = state as? TransformerState, givesAttentionOfFirstToken else { return [] }
        let range = batch.range(of: sequence)
        let attention = description.attention
        let (heads, size, shared) = (
            attention.heads, attention.headSize, attention.heads / attention.keyHeads
        )
        let scale = attention.scale ?? 1 / Float(size).squareRoot()
        let query = state.projections.floats(row: range.lowerBound, columns: 0..<attention.width)
        let keyColumns = attention.width..<attention.width + attention.keyHeads * size
        let keys = range.map { state.projections.floats(row: $0, columns: keyColumns) }
        var mean = [Float](repeating: 0, count: range.count)
        var scores = mean
        for head in 0..<heads {
            query.withUnsafeBufferPointer { query in
                guard let query = query.baseAddress else { return }
                for (token, key) in keys.enumerated() {
                    scores[token] = key.withUnsafeBufferPointer { key in
                        key.baseAddress.map {
                            kernels.dot(query + head * size, $0 + head / shared * size, count: size)
                        } ?? 0
                    }
                }
            }
            let largest = scores.max() ?? 0
            var sum: Float = 0
            for token in scores.indices {
                scores[token] = expf((scores[token] - largest) * scale)
                sum += scores[token]
            }
            for token in scores.indices { mean[token] += scores[token] / sum / Float(heads) }
        }
        return mean
    }
}

extension OperandRows {
    /// Values of a row of f32 or bf16.
    fileprivate func floats(row: Int, columns: Range<Int>) -> [Float] {
        if form == .f32 { return columns.map { f32[row * stride + $0] } }
        return columns.map { BF16.widened(bf16[row * stride + $0]) }
    }
}
