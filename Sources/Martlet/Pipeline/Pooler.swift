/// Pooling of one text: hidden states [tokens × width], row-major, to one row [width].
///
/// Sums run over the tokens in order in 32 bits, so a text's row has the same bits in every batch. Where the
/// prompt is left out and no token remains (a text cut inside its prompt), the results are those of
/// sentence-transformers: zeros for means and `last`, the first token for `cls`, and minus infinity for
/// `max`.
package enum Pooler {
    /// Number of floats that `pool` writes.
    package static func width(_ modes: [PoolingMode], hiddenSize: Int) -> Int { modes.count * hiddenSize }

    /// Pools by each mode and writes the results one after the other.
    /// - Parameters:
    ///   - hidden: tokens × width values.
    ///   - tokens: Number of rows; none, of a static model, gives zeros.
    ///   - skip: Number of leading tokens to leave out: those of the prompt with the special tokens before
    ///     it.
    ///   - output: modes.count × width values.
    package static func pool(
        _ hidden: UnsafeBufferPointer<Float>, tokens: Int, skip: Int = 0, modes: [PoolingMode],
        into output: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(tokens >= 0 && !modes.isEmpty && skip >= 0)
        guard tokens > 0 else {
            output.update(repeating: 0)
            return
        }
        let width = output.count / modes.count
        precondition(width * modes.count == output.count && hidden.count >= tokens * width)
        guard width > 0, let states = hidden.baseAddress, var row = output.baseAddress else { return }
        let skip = min(skip, tokens)
        for mode in modes {
            switch mode {
            case .cls: copy(states + (skip < tokens ? skip : 0) * width, to: row, width)
            case .last: last(states, tokens, skip, row, width)
            case .max: largest(states, tokens, skip, row, width)
            case .mean: divide(row, by: Float(sum(states, tokens, skip, row, width)), width)
            case .meanSqrtLen:
                divide(row, by: Float(sum(states, tokens, skip, row, width)).squareRoot(), width)
            case .weightedMean: weightedMean(states, tokens, skip, row, width)
            }
            row += width
        }
    }

    private static func copy(
        _ source: UnsafePointer<Float>, to row: UnsafeMutablePointer<Float>, _ width: Int
    ) {
        row.update(from: source, count: width)
    }

    private static func last(
        _ states: UnsafePointer<Float>, _ tokens: Int, _ skip: Int, _ row: UnsafeMutablePointer<Float>,
        _ width: Int
    ) {
        if skip < tokens {
            copy(states + (tokens - 1) * width, to: row, width)
        } else {
            row.update(repeating: 0, count: width)
        }
    }

    /// A value that is no number stays, as in PyTorch.
    private static func largest(
        _ states: UnsafePointer<Float>, _ tokens: Int, _ skip: Int, _ row: UnsafeMutablePointer<Float>,
        _ width: Int
    ) {
        row.update(repeating: -.infinity, count: width)
        for token in skip..<tokens {
            let state = states + token * width
            for index in 0..<width {
                let value = state[index]
                row[index] = value > row[index] || value != value ? value : row[index]
            }
        }
    }

    /// Returns the number of tokens added up.
    private static func sum(
        _ states: UnsafePointer<Float>, _ tokens: Int, _ skip: Int, _ row: UnsafeMutablePointer<Float>,
        _ width: Int
    ) -> Int {
        row.update(repeating: 0, count: width)
        for token in skip..<tokens {
            let state = states + token * width
            for index in 0..<width { row[index] += state[index] }
        }
        return tokens - skip
    }

    /// Token i, counted from 1 at the first token of the text whether or not it is left out, has weight i.
    private static func weightedMean(
        _ states: UnsafePointer<Float>, _ tokens: Int, _ skip: Int, _ row: UnsafeMutablePointer<Float>,
        _ width: Int
    ) {
        row.update(repeating: 0, count: width)
        var total: Float = 0
        for token in skip..<tokens {
            let state = states + token * width
            let weight = Float(token + 1)
            total += weight
            for index in 0..<width { row[index] += state[index] * weight }
        }
        divide(row, by: total, width)
    }

    /// The divisor is at least 1e-9, as in sentence-transformers.
    private static func divide(_ row: UnsafeMutablePointer<Float>, by divisor: Float, _ width: Int) {
        let divisor = max(divisor, 1e-9)
        for index in 0..<width { row[index] /= divisor }
    }
}
