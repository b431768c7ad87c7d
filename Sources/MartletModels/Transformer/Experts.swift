internal import MartletCompute
internal import MartletSystem

/// What chooses a layer's experts, and the bias of their sum.
struct ExpertRouter: Sendable {
    /// [experts, hidden], in f32 whatever the precision: a score that is off by little may choose another
    /// expert.
    let router: PackedMatrix
    /// [hidden]
    let bias: [Float]?
}

extension Transformer {
    /// x = norm(x + Σ probability · expert(x) + bias) over the experts that a row's scores choose, for a
    /// block of rows.
    ///
    /// Experts are taken in order, so that a row's sum has one order whatever rows are beside it.
    func addExperts(
        _ layer: LayerWeights, _ experts: ExpertRouter, _ point: Int, _ rows: Range<Int>, _ pass: Pass
    ) {
        let state = pass.state
        let (x, sum, width, first) = (
            state.stream(rows.lowerBound), state.sum.pointer, state.hiddenStride, rows.lowerBound
        )
        let count = layer.up.count
        pass.observe?(point, x, rows.count)
        experts.router.apply(
            .init(f32: x, stride: width), rows: rows.count,
            to: .init(f32: state.expertScores.pointer, stride: count))
        let chosen = choose(rows.count, count, state.expertScores.pointer)

        sum.update(from: x, count: rows.count * width)
        for expert in 0..<count {
            let mine = chosen.filter { $0.expert == expert }
            guard !mine.isEmpty, let input = state.gathered(mine.map(\.row), first: first) else { continue }
            layer.up[expert].apply(
                input, rows: mine.count, to: state.intermediate.output(),
                activation: description.feedForward.activation,
                then: state.intermediate.quantising(rows: mine.count))
            layer.down[expert].apply(
                state.intermediate.operand(), rows: mine.count,
                to: .init(f32: state.expertSum.pointer, stride: width))
            for (index, choice) in mine.enumerated() {
                kernels.add(
                    state.expertSum.pointer + index * width, scaledBy: choice.probability,
                    to: sum + choice.row * width, count: width)
            }
        }
        experts.bias?.withUnsafeBufferPointer { bias in
            guard let bias = bias.baseAddress else { return }
            for row in 0..<rows.count {
                kernels.add(bias, to: sum + row * width, count: description.hiddenSize)
            }
        }
        if let norm = layer.afterFeedForward {
            state.norming(sum, first: first, rows: rows.count, norm).run(kernels)
        }
    }

    private struct Choice {
        let row: Int
        let expert: Int
        let probability: Float
    }

    /// The experts of each row with the highest probabilities: softmax over all of its scores.
    private func choose(_ rows: Int, _ count: Int, _ scores: UnsafePointer<Float>) -> [Choice] {
        let perToken = description.feedForward.experts?.perToken ?? 0
        return (0..<rows).flatMap { row in
            let scores = UnsafeBufferPointer(start: scores + row * count, count: count)
            let top = scores.max() ?? 0
            let weights = scores.map { exp($0 - top) }
            let total = weights.reduce(0, +)
            let best = weights.indices.sorted { (weights[$0], $1) > (weights[$1], $0) }
            return best.prefix(perToken).map {
                Choice(row: row, expert: $0, probability: weights[$0] / total)
            }
        }
    }
}
