internal import MartletCompute
internal import MartletModels
internal import MartletTokenizers
import Synchronization

/// One thread's reusable memory: its packed batch, the encoder's buffers and one pooled row.
package final class Worker {
    private var batch = PackedBatch()
    private var state: (any EncoderState)?
    private var pooled: [Float] = []
    private var compact: [Float] = []
    /// For texts of at most `longestKeptText` bytes.
    let tokenizerScratch = TokenizerScratch()
    static let longestKeptText = 1 << 14

    /// Bytes that it holds on to.
    var bytes: Int {
        (state?.bytes ?? 0) + batch.bytes + (pooled.capacity + compact.capacity) * 4 + tokenizerScratch.bytes
    }

    /// The most that `bytes` is above the state's.
    static func overhead(
        tokens: Int, longest: Int, _ pipeline: PipelineDescription, _ shape: EncoderShape,
        _ tokenizer: Tokenizer
    ) -> Int {
        // Arrays grow by doubling; every sequence has a token. 64 bytes cover what the allocator rounds up
        // to.
        let rows = (pipeline.pooling.count + longest) * shape.hiddenSize * 4
        return 2 * (tokens * 4 + (tokens + 1) * 8) + rows + tokenizer.scratchLimit + 4 * 64
    }

    /// Packs a unit's texts and runs the encoder over them; all members of a team call it at the same time,
    /// for one text.
    func forward(
        _ unit: ArraySlice<Int>, _ tokens: TokenizedTexts, _ context: ContextRows?, _ encoder: any Encoder,
        budget: Int, maxTokens: Int,
        _ member: TeamMember = .alone
    ) {
        forward(encoder, budget: budget, maxTokens: maxTokens, member) { batch in
            batch.context = context
            for index in unit { batch.append(tokens.ids(of: index)) }
        }
    }

    /// Packs texts and runs the encoder over them, then calls `each` with the place of each text and its
    /// hidden states, [tokens × hiddenSize], on the member that leads.
    func forward(
        _ texts: some Sequence<TokenizedText>, _ encoder: any Encoder, budget: Int, maxTokens: Int,
        _ member: TeamMember = .alone,
        each: (_ place: Int, _ hidden: UnsafeBufferPointer<Float>) -> Void
    ) {
        let unit = forward(texts, encoder, budget: budget, maxTokens: maxTokens, member)
        guard member.leads else { return }
        for sequence in 0..<batch.sequences {
            let range = batch.range(of: sequence)
            withHiddenStates(
                unit.state, first: range.lowerBound, count: range.count, width: encoder.shape.hiddenSize
            ) {
                each(sequence, $0)
            }
        }
    }

    /// Packs texts and runs the encoder over them; what it gives stands until the next call. All members of a
    /// team call it at the same time, for one text.
    @discardableResult
    func forward(
        _ texts: some Sequence<TokenizedText>, _ encoder: any Encoder, budget: Int, maxTokens: Int,
        _ member: TeamMember = .alone
    )
        -> EncodedUnit
    {
        forward(encoder, budget: budget, maxTokens: maxTokens, member) { batch in
            for text in texts { batch.append(text.ids, typeIDs: text.types, hidden: text.hidden) }
        }
    }

    /// Runs the encoder over what `pack` appends, called by the member that leads.
    @discardableResult
    private func forward(
        _ encoder: any Encoder, budget: Int, maxTokens: Int, _ member: TeamMember,
        pack: (inout PackedBatch) -> Void
    ) -> EncodedUnit {
        if member.leads {
            batch.removeAll()
            pack(&batch)
            fitting(encoder, budget: budget, maxTokens: maxTokens).prepare(members: member.count)
        }
        member.sync()
        let state = fitting(encoder, budget: budget, maxTokens: maxTokens)
        encoder.forward(batch, state, member)
        member.sync()
        return EncodedUnit(batch: batch, state: state)
    }

    /// Pools each text of the unit that went through `forward` and writes its row.
    func finish(
        _ unit: ArraySlice<Int>, _ tokens: TokenizedTexts, _ post: PostProcessing,
        into output: UnsafeMutableBufferPointer<Float>
    ) {
        guard let state else { return }
        let width = post.pooledDimensions / post.modes.count
        if pooled.count < post.pooledDimensions { pooled = Array(repeating: 0, count: post.pooledDimensions) }
        pooled.withUnsafeMutableBufferPointer { pooled in
            let pooled = UnsafeMutableBufferPointer(rebasing: pooled[..<post.pooledDimensions])
            for (sequence, index) in unit.enumerated() {
                let text = batch.text(of: sequence)
                withHiddenStates(state, first: text.lowerBound, count: text.count, width: width) { hidden in
                    Pooler.pool(
                        hidden, tokens: text.count, skip: post.includePrompt ? 0 : tokens.promptTokens,
                        modes: post.modes, into: pooled)
                }
                let row = output[index * post.dimensions..<(index + 1) * post.dimensions]
                post.finish(pooled, count: 1, into: UnsafeMutableBufferPointer(rebasing: row))
            }
        }
    }

    /// Writes the hidden states of each text of the unit that went through `forward` from its row on.
    func copyHiddenStates(
        _ unit: ArraySlice<Int>, firstRows: [Int], width: Int, into output: UnsafeMutableBufferPointer<Float>
    ) {
        guard let state else { return }
        for (sequence, index) in unit.enumerated() {
            withHiddenStates(
                state, first: batch.offsets[sequence], count: batch.length(of: sequence), width: width
            ) { hidden in
                _ = UnsafeMutableBufferPointer(rebasing: output[(firstRows[index] * width)...]).update(
                    fromContentsOf: hidden)
            }
        }
    }

    /// Hidden states as [count × width] without gaps: in place, or copied where the encoder pads its rows.
    private func withHiddenStates(
        _ state: any EncoderState, first: Int, count: Int, width: Int,
        _ body: (UnsafeBufferPointer<Float>) -> Void
    ) {
        let rows = state.hidden + first * state.hiddenStride
        if state.hiddenStride == width {
            body(UnsafeBufferPointer(start: rows, count: count * width))
            return
        }
        if compact.count < count * width { compact = Array(repeating: 0, count: count * width) }
        compact.withUnsafeMutableBufferPointer { compact in
            guard let base = compact.baseAddress else { return }
            for row in 0..<count {
                (base + row * width).update(from: rows + row * state.hiddenStride, count: width)
            }
            body(UnsafeBufferPointer(rebasing: compact[..<(count * width)]))
        }
    }

    /// The state, grown by doubling where the batch asks for more, so that it grows seldom; never beyond what
    /// the budget and the longest text can ask for.
    private func fitting(_ encoder: any Encoder, budget: Int, maxTokens: Int) -> any EncoderState {
        if let state, state.tokenCapacity >= batch.tokens, state.longestSequence >= batch.longest {
            return state
        }
        func grown(_ current: Int, _ needed: Int, _ most: Int) -> Int {
            var size = max(64, current)
            while size < needed { size *= 2 }
            return max(needed, min(size, most))
        }
        let tokens = grown(state?.tokenCapacity ?? 0, batch.tokens, max(budget, maxTokens))
        let longest = grown(state?.longestSequence ?? 0, batch.longest, maxTokens)
        self.state = nil
        let made = encoder.makeState(tokens: tokens, longest: min(longest, tokens))
        state = made
        return made
    }
}

/// The workers of a pool. `@unchecked` because the pool never runs two bodies with the same worker index at
/// once, and one job at a time.
final class Workers: @unchecked Sendable {
    private let workers: [Worker]
    init(count: Int) { workers = (0..<count).map { _ in Worker() } }
    subscript(index: Int) -> Worker { workers[index] }
    var bytes: Int { workers.reduce(0) { $0 + $1.bytes } }
}
