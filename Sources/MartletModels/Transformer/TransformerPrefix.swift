internal import MartletCompute

/// The keys and values of the tokens that texts begin with, for every layer, as attention reads them.
///
/// `@unchecked` because the pass that fills it is the only one that writes to it, before it hands it out.
final class TransformerPrefix: EncodedPrefix, @unchecked Sendable {
    let count: Int
    /// For each layer [count, keys + values].
    private let layers: [OperandRows]

    init(count: Int, layers: Int, form: OperandRows.Form, width: Int) {
        self.count = count
        self.layers = (0..<layers).map { _ in OperandRows(form: form, rows: count, width: width) }
    }

    var bytes: Int { layers.reduce(0) { $0 + $1.bytes } }

    /// Keys and values of a layer.
    func rows(ofLayer layer: Int) -> OperandRows { layers[layer] }
}

extension Transformer {
    /// Where a query's keys are those before it, and nothing else of a token depends on what follows.
    package var keepsPrefixes: Bool {
        let attention = description.attention
        return attention.isCausal && attention.distanceBias == nil && attention.relative == nil
            && description.embeddings.positions == nil && description.convolution == nil
            && attention.spans.allSatisfy { $0.rotary?.growth == nil }
            && !(precision.roundsInputs && !kernels.hasBF16Dot && kernels.int8AttentionMixesRows)
    }

    package func prefixBytes(tokens: Int) -> Int {
        let sizes = TransformerState.Sizes(
            description, precision: precision, kernels: kernels, tokens: 1, longest: 1)
        return sizes.keys.map {
            description.layers * OperandRows.Extent(form: $0.form, rows: tokens, width: $0.width).bytes
        } ?? 0
    }

    /// Attention of the tokens of one sequence that come after `position` others of the batch's prefix: the
    /// keys and values of all are put together in `state.keys`.
    /// - Parameters:
    ///   - first: The row of the sequence's first token.
    ///   - valid: How many rows of the prefix are in `state.keys` already; updated.
    func attendAfterPrefix(
        _ prefix: OperandRows, position: Int, first: Int, tokens: Int, _ heads: AttentionHeads,
        keyHeads: Range<Int>, valid: inout Int, _ pass: Pass
    ) {
        guard let keys = pass.state.keys else { return }
        if valid < position {
            copyKeys(
                of: prefix, row: valid, column: 0, to: keys, row: valid, count: position - valid, keyHeads)
        }
        valid = position
        let projections = pass.state.projections
        copyKeys(
            of: projections, row: first, column: description.attention.width, to: keys, row: position,
            count: tokens, keyHeads)
        kernels.attention(
            projections, pass.state.context, first: first, tokens: position + tokens, heads,
            keyHeads: keyHeads, keys: keys, skipped: position,
            scratch: pass.state.attentionScratch(pass.member.index))
    }

    /// Copies the keys and values of some heads, which begin at `column` of the source.
    func copyKeys(
        of source: OperandRows, row from: Int, column: Int, to target: OperandRows, row to: Int, count: Int,
        _ keyHeads: Range<Int>
    ) {
        let attention = description.attention
        let width = keyHeads.count * attention.headSize
        for half in 0..<2 {
            let start = (half * attention.keyHeads + keyHeads.lowerBound) * attention.headSize
            target.copyColumns(
                start..<start + width, fromRow: to, rows: count, of: source, row: from, column: column + start
            )
        }
    }
}
