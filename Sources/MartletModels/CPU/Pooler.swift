/// Pools the hidden states of one text, a row a token, to one row for each mode.
///
/// Sums run over the tokens in order in 32 bits, so a text's row has the same bits in every batch. Where the
/// prompt is left out and no token remains (a text cut inside its prompt), the results are those of
/// sentence-transformers: zeros for means and `last`, the first token for `cls`, and minus infinity for
/// `max`.
package struct Pooler {
    /// The first token's row; rows are `stride` apart.
    private let base: UnsafePointer<Float>
    private let stride: Int
    private let tokens: Int
    /// Leading tokens that are left out.
    private let skipped: Int

    /// Pools by each mode and writes the results one after the other.
    /// - Parameters:
    ///   - hidden: The first token's row; rows are `stride` apart.
    ///   - tokens: Number of rows; none, of a static model, gives zeros.
    ///   - skip: Number of leading tokens to leave out: those of the prompt with the special tokens before
    ///     it.
    ///   - output: modes.count × width values.
    package static func pool(
        _ hidden: UnsafePointer<Float>, stride: Int, tokens: Int, skip: Int = 0, modes: [PoolingMode],
        into output: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(tokens >= 0 && !modes.isEmpty && skip >= 0)
        guard tokens > 0 else {
            output.update(repeating: 0)
            return
        }
        let width = output.count / modes.count
        precondition(width * modes.count == output.count && stride >= width)
        guard width > 0, var row = output.baseAddress else { return }
        let pooler = Pooler(base: hidden, stride: stride, tokens: tokens, skipped: min(skip, tokens))
        for mode in modes {
            pooler.pool(mode, into: row, width)
            row += width
        }
    }

    private func pool(_ mode: PoolingMode, into row: UnsafeMutablePointer<Float>, _ width: Int) {
        let (left, divisor) = (tokens - skipped, Float(tokens - skipped))
        switch mode {
        case .cls: row.update(from: state(left > 0 ? skipped : 0), count: width)
        case .last where left > 0: row.update(from: state(tokens - 1), count: width)
        case .last: row.update(repeating: 0, count: width)
        case .max: largest(into: row, width)
        case .mean:
            sum(into: row, width)
            divide(row, by: divisor, width)
        case .meanSqrtLen:
            sum(into: row, width)
            divide(row, by: divisor.squareRoot(), width)
        case .weightedMean: weightedMean(into: row, width)
        }
    }

    private func state(_ token: Int) -> UnsafePointer<Float> { base + token * stride }

    /// NaN stays, as in PyTorch.
    private func largest(into row: UnsafeMutablePointer<Float>, _ width: Int) {
        row.update(repeating: -.infinity, count: width)
        for token in skipped..<tokens {
            let state = state(token)
            for index in 0..<width {
                let value = state[index]
                row[index] = value > row[index] || value != value ? value : row[index]
            }
        }
    }

    private func sum(into row: UnsafeMutablePointer<Float>, _ width: Int) {
        row.update(repeating: 0, count: width)
        for token in skipped..<tokens {
            let state = state(token)
            for index in 0..<width { row[index] += state[index] }
        }
    }

    /// Token i, counted from 1 at the first token of the text whether or not it is left out, has weight i.
    private func weightedMean(into row: UnsafeMutablePointer<Float>, _ width: Int) {
        row.update(repeating: 0, count: width)
        var total: Float = 0
        for token in skipped..<tokens {
            let state = state(token)
            let weight = Float(token + 1)
            total += weight
            for index in 0..<width { row[index] += state[index] * weight }
        }
        divide(row, by: total, width)
    }

    /// The divisor is at least 1e-9, as in sentence-transformers.
    private func divide(_ row: UnsafeMutablePointer<Float>, by divisor: Float, _ width: Int) {
        let divisor = max(divisor, 1e-9)
        for index in 0..<width { row[index] /= divisor }
    }
}
