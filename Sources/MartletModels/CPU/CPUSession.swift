internal import MartletCompute

/// The forward passes of one thread, or of the team that it leads.
final class CPUSession: EncoderSession {
    private let encoder: any CPUEncoder
    private let largest: BatchLimit
    private var state: (any EncoderState)?
    /// [texts × modes × hiddenSize] where there are several modes, else one row.
    private var pooled = AlignedBuffer<Float>(count: 0)
    /// [tokens]
    private var attention = AlignedBuffer<Float>(count: 0)

    init(_ encoder: any CPUEncoder, _ largest: BatchLimit) {
        self.encoder = encoder
        self.largest = largest
    }

    var bytes: Int { (state?.bytes ?? 0) + pooled.bytes + attention.bytes }

    private(set) var keptPrefix: (any EncodedPrefix)?

    func run(_ batch: PackedBatch, _ reduction: Reduction, team: Team?) -> EncodedRows {
        let state = forward(batch, team)
        keptPrefix = batch.keeps > 0 ? state.takePrefix() : nil
        switch reduction {
        case .tokens:
            return EncodedRows(
                base: state.hidden, stride: state.hiddenStride, width: encoder.shape.hiddenSize,
                offsets: batch.offsets)
        case .pooled(let modes, let skip): return pool(batch, state, modes, skip: skip)
        case .attentionOfFirstToken:
            if attention.count < batch.tokens { attention = AlignedBuffer(count: batch.tokens) }
            for text in 0..<batch.sequences {
                let first = attention.pointer + batch.offsets[text]
                for (place, value) in encoder.attentionOfFirstToken(text, batch, state).enumerated() {
                    first[place] = value
                }
            }
            return EncodedRows(base: attention.pointer, stride: 1, width: 1, offsets: batch.offsets)
        }
    }

    /// The state with the hidden states of `batch`.
    private func forward(_ batch: PackedBatch, _ team: Team?) -> any EncoderState {
        let state = fitting(batch)
        guard let team, batch.sequences == 1 else {
            encoder.forward(batch, state)
            return state
        }
        state.prepare(members: team.size)
        // Its members work in it together, and nobody else does.
        nonisolated(unsafe) let shared = state
        let encoder = encoder
        // A token takes some 20 µs on a small model.
        let patience = 50_000 + 1_000 * UInt64(batch.tokens)
        if team.run(patience: patience, { encoder.forward(batch, shared, $0) }) { return state }
        // A member may still write into it.
        self.state = nil
        let fresh = fitting(batch)
        encoder.forward(batch, fresh)
        return fresh
    }

    /// One row for each text with tokens. By one mode it is written over the hidden states, which nobody needs
    /// any more: the row of a text is no later than its first token.
    private func pool(
        _ batch: PackedBatch, _ state: any EncoderState, _ modes: [PoolingMode], skip: Int
    ) -> EncodedRows {
        let (hidden, stride) = (state.hidden, state.hiddenStride)
        let size = modes.count * encoder.shape.hiddenSize
        let several = modes.count > 1
        let count = several ? batch.sequences * size : size
        if pooled.count < count { pooled = AlignedBuffer(count: count) }
        var row = 0
        for text in 0..<batch.sequences where batch.length(of: text) > 0 {
            let tokens = batch.text(of: text)
            let place = pooled.pointer + (several ? row * size : 0)
            Pooler.pool(
                hidden + tokens.lowerBound * stride, stride: stride, tokens: tokens.count, skip: skip,
                modes: modes, into: UnsafeMutableBufferPointer(start: place, count: size))
            if !several { (hidden + row * stride).update(from: place, count: size) }
            row += 1
        }
        let offsets = row == batch.sequences ? nil : batch.offsetsOfNonEmpty
        return several
            ? EncodedRows(base: pooled.pointer, stride: size, width: size, offsets: offsets)
            : EncodedRows(base: hidden, stride: stride, width: size, offsets: offsets)
    }

    /// The state, grown by doubling where the batch asks for more, so that it grows seldom; never beyond the
    /// largest batch.
    private func fitting(_ batch: PackedBatch) -> any EncoderState {
        let needed = batch.longest
        if let state, state.tokenCapacity >= batch.tokens, state.longestSequence >= needed { return state }
        func grown(_ current: Int, _ needed: Int, _ most: Int) -> Int {
            var size = max(64, current)
            while size < needed { size *= 2 }
            return max(needed, min(size, most))
        }
        let tokens = grown(state?.tokenCapacity ?? 0, batch.tokens, largest.tokens)
        let longest = grown(state?.longestSequence ?? 0, needed, largest.longest)
        state = nil
        // With a prefix a text may have more tokens than the batch.
        let made = encoder.makeState(tokens: tokens, longest: max(needed, min(longest, tokens)))
        state = made
        return made
    }
}
