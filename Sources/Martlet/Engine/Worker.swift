internal import MartletCompute
internal import MartletModels
import Synchronization

/// One thread's reusable memory: its packed batch, the encoder's buffers and one pooled row.
final class Worker {
    private var batch = PackedBatch()
    private var state: (any EncoderState)?
    private var pooled: [Float] = []
    private var compact: [Float] = []

    /// Packs a unit's texts and runs the encoder over them.
    func forward(_ unit: [Int], _ tokens: TokenizedTexts, _ encoder: any Encoder, budget: Int) {
        batch.removeAll()
        for index in unit { batch.append(tokens.ids(of: index)) }
        let state = fitting(encoder, budget: budget)
        encoder.forward(batch, state)
    }

    /// Pools each text of the unit that went through `forward` and writes its row.
    func finish(_ unit: [Int], _ tokens: TokenizedTexts, _ post: PostProcessing, into output: UnsafeMutableBufferPointer<Float>) {
        guard let state else { return }
        let width = post.pooledDimensions / post.modes.count
        if pooled.count < post.pooledDimensions { pooled = Array(repeating: 0, count: post.pooledDimensions) }
        pooled.withUnsafeMutableBufferPointer { pooled in
            let pooled = UnsafeMutableBufferPointer(rebasing: pooled[..<post.pooledDimensions])
            for (sequence, index) in unit.enumerated() {
                let length = batch.length(of: sequence)
                withHiddenStates(state, first: batch.offsets[sequence], count: length, width: width) { hidden in
                    Pooler.pool(hidden, tokens: length, skip: post.includePrompt ? 0 : tokens.promptTokens, modes: post.modes, into: pooled)
                }
                let row = output[index * post.dimensions..<(index + 1) * post.dimensions]
                post.finish(pooled, count: 1, into: UnsafeMutableBufferPointer(rebasing: row))
            }
        }
    }

    func copyHiddenStates(width: Int, into output: UnsafeMutableBufferPointer<Float>) {
        guard let state else { return }
        withHiddenStates(state, first: 0, count: batch.tokens, width: width) { _ = output.update(fromContentsOf: $0) }
    }

    /// Hidden states as [count × width] without gaps: in place, or copied where the encoder pads its rows.
    private func withHiddenStates(
        _ state: any EncoderState, first: Int, count: Int, width: Int, _ body: (UnsafeBufferPointer<Float>) -> Void
    ) {
        let rows = state.hidden + first * state.hiddenStride
        if state.hiddenStride == width {
            body(UnsafeBufferPointer(start: rows, count: count * width))
            return
        }
        if compact.count < count * width { compact = Array(repeating: 0, count: count * width) }
        compact.withUnsafeMutableBufferPointer { compact in
            for row in 0..<count {
                for column in 0..<width { compact[row * width + column] = rows[row * state.hiddenStride + column] }
            }
            body(UnsafeBufferPointer(rebasing: compact[..<(count * width)]))
        }
    }

    /// The state, grown where the batch asks for more: to the budget at once if the batch is near it, so that it grows seldom.
    private func fitting(_ encoder: any Encoder, budget: Int) -> any EncoderState {
        if let state, state.tokenCapacity >= batch.tokens, state.longestSequence >= batch.longest { return state }
        var tokens = max(64, state?.tokenCapacity ?? 0)
        var longest = max(64, state?.longestSequence ?? 0)
        while tokens < batch.tokens { tokens = min(tokens * 2, max(budget, batch.tokens)) }
        while longest < batch.longest { longest = min(longest * 2, max(batch.longest, encoder.shape.maxPositions)) }
        self.state = nil
        let made = encoder.makeState(tokens: tokens, longest: min(longest, tokens))
        state = made
        return made
    }
}

/// The workers of a pool. `@unchecked` because the pool never runs two bodies with the same worker index at once, and one job at a time.
final class Workers: @unchecked Sendable {
    private let workers: [Worker]
    init(count: Int) { workers = (0..<count).map { _ in Worker() } }
    subscript(index: Int) -> Worker { workers[index] }
}
