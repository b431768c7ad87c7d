internal import MartletCompute
internal import MartletModels
internal import MartletTokenizers
import Synchronization

/// One thread's reusable memory: its packed batch and its session with the encoder.
package final class Worker {
    private let encoder: any Encoder
    private let largest: BatchLimit
    /// nil where the encoder keeps no beginnings of texts.
    private let prefixes: PrefixCache?
    private var batch = PackedBatch()
    private var session: (any EncoderSession)?
    private var compact: [Float] = []
    /// For texts of at most `longestKeptText` bytes.
    let tokenizerScratch = TokenizerScratch()
    static let longestKeptText = 1 << 14

    init(_ encoder: any Encoder, for largest: BatchLimit, prefixes: PrefixCache?) {
        self.encoder = encoder
        self.largest = largest
        self.prefixes = prefixes
    }

    /// Bytes that it holds on to.
    var bytes: Int {
        (session?.bytes ?? 0) + batch.bytes + compact.capacity * 4 + tokenizerScratch.bytes
    }

    /// The most that `bytes` is above the session's state.
    static func overhead(
        for largest: BatchLimit, _ pipeline: PipelineDescription, _ shape: EncoderShape,
        _ tokenizer: Tokenizer
    ) -> Int {
        // Arrays grow by doubling; every sequence has a token. 64 bytes cover what the allocator rounds up
        // to.
        let (tokens, modes): (Int, Int) = (largest.tokens, pipeline.pooling.count)
        let pooled: Int = modes > 1 ? tokens * modes : 1
        let rows = (pooled + largest.longest) * shape.hiddenSize * 4
        return 2 * (tokens * 4 + (tokens + 1) * 8) + rows + tokenizer.scratchLimit + 8 * 64
    }

    /// Packs texts and runs the encoder over them, then calls `each` with the place of each text and its
    /// hidden states, [tokens × hiddenSize], without those of the first tokens where only the last one is
    /// read.
    func forward(
        _ texts: some Collection<TokenizedText>, team: Team?,
        each: (_ place: Int, _ hidden: UnsafeBufferPointer<Float>) -> Void
    ) {
        let unit = forward(texts, .tokens, team: team)
        for text in 0..<unit.batch.sequences { withRows(of: unit, text) { each(text, $0) } }
    }

    /// Packs texts and runs the encoder over them; what it gives stands until the next call.
    func forward(_ texts: some Collection<TokenizedText>, _ reduction: Reduction, team: Team?) -> EncodedUnit
    {
        let readsLast = reduction.readsLastTokens || texts.allSatisfy { $0.isReadByLastToken }
        let first = readsLast ? texts.first?.ids[...] : nil
        return run(reduction, team: team, first: first) { batch, entry in
            for text in texts {
                let position = text.types == nil ? entry?.count(for: text.ids) ?? 0 : 0
                batch.append(
                    text.ids[position...], typeIDs: text.types, hidden: text.hidden, position: position)
            }
        }
    }

    /// Packs a unit's texts and runs the encoder over them.
    func forward(
        _ unit: ArraySlice<Int>, of tokens: TokenizedTexts, after context: ContextRows?, reduction: Reduction,
        team: Team?
    ) -> EncodedUnit {
        let first = context == nil && reduction.readsLastTokens ? unit.first.map(tokens.ids) : nil
        return run(reduction, team: team, first: first) { batch, entry in
            batch.context = context
            for index in unit {
                let ids = tokens.ids(of: index)
                let position = entry?.count(for: ids) ?? 0
                batch.append(ids.dropFirst(position), position: position)
            }
        }
    }

    /// - Parameter first: The first text, where only the last token of each is read.
    private func run(
        _ reduction: Reduction, team: Team?, first: ArraySlice<Int32>?,
        pack: (inout PackedBatch, PrefixCache.Entry?) -> Void
    ) -> EncodedUnit {
        batch.removeAll()
        var entry: PrefixCache.Entry?
        if let prefixes, let first {
            switch prefixes.plan(for: first) {
            case .none: break
            case .keep(let count): batch.keeps = count
            case .take(let kept):
                entry = kept
                batch.prefix = kept.prefix
            }
        }
        pack(&batch, entry)
        let session = session ?? encoder.makeSession(for: largest)
        self.session = session
        let rows = session.run(batch, reduction, team: team)
        if batch.keeps > 0, let kept = session.keptPrefix {
            prefixes?.insert(Array(batch.ids[..<batch.keeps]), kept)
        }
        return EncodedUnit(batch: batch, rows: rows)
    }

    /// Writes the hidden states of each text of the unit from its row on.
    func copyHiddenStates(
        _ encoded: EncodedUnit, of unit: ArraySlice<Int>, firstRows: [Int],
        into output: UnsafeMutableBufferPointer<Float>
    ) {
        let width = encoded.rows.width
        for (text, index) in unit.enumerated() {
            withRows(of: encoded, text) { hidden in
                _ = UnsafeMutableBufferPointer(rebasing: output[(firstRows[index] * width)...]).update(
                    fromContentsOf: hidden)
            }
        }
    }

    /// A text's rows as [count × width] without gaps: in place, or copied where the encoder pads its rows.
    private func withRows(of unit: EncodedUnit, _ text: Int, _ body: (UnsafeBufferPointer<Float>) -> Void) {
        let (rows, range) = (unit.rows, unit.rows.range(of: text))
        let (count, width) = (range.count, rows.width)
        let first = rows.base + range.lowerBound * rows.stride
        if rows.stride == width {
            body(UnsafeBufferPointer(start: first, count: count * width))
            return
        }
        if compact.count < count * width { compact = Array(repeating: 0, count: count * width) }
        compact.withUnsafeMutableBufferPointer { compact in
            guard let base = compact.baseAddress else { return }
            for row in 0..<count {
                (base + row * width).update(from: first + row * rows.stride, count: width)
            }
            body(UnsafeBufferPointer(rebasing: compact[..<(count * width)]))
        }
    }
}

/// The workers of a pool. `@unchecked` because the pool never runs two bodies with the same worker index at
/// once, and one job at a time.
final class Workers: @unchecked Sendable {
    private let workers: [Worker]
    init(count: Int, _ encoder: any Encoder, for largest: BatchLimit, prefixes: PrefixCache?) {
        workers = (0..<count).map { _ in Worker(encoder, for: largest, prefixes: prefixes) }
    }
    subscript(index: Int) -> Worker { workers[index] }
    var bytes: Int { workers.reduce(0) { $0 + $1.bytes } }
}
