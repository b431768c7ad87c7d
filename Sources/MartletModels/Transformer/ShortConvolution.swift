internal import MartletCompute
internal import MartletWeights

/// A convolution of each channel over a few tokens, between two gates: c · conv(b · x).
struct ShortConvolution: Sendable {
    /// [length, width]; row `before` is the token's own, and the first that of the earliest token.
    private let weights: [Float]
    private let before: Int
    private let bias: [Float]
    private let width: Int
    /// Weights and biases.
    let parameters: Int

    /// - Parameter stored: [width × length], as torch keeps it.
    init(stored: [Float], bias: [Float]?, width: Int, before: Int) {
        let length = stored.count / width
        self.width = width
        self.before = before
        weights = (0..<stored.count).map { stored[$0 % width * length + $0 / width] }
        self.bias = bias ?? [Float](repeating: 0, count: width)
        parameters = stored.count + (bias?.count ?? 0)
    }

    /// Fills `columns` of `context` for the rows of one sequence.
    /// - Parameter projections: Rows [b | c | x] of f32 or bf16, as those of `context`.
    func apply(
        _ projections: OperandRows, to context: OperandRows, rows: Range<Int>, _ columns: Range<Int>
    ) {
        if context.form == .bf16 {
            apply(
                projections.bf16, projections.stride, context.bf16, context.stride, rows, columns,
                read: BF16.widened, write: BF16.rounded)
        } else {
            apply(
                projections.f32, projections.stride, context.f32, context.stride, rows, columns,
                read: { $0 }, write: { $0 })
        }
    }

    @inline(__always)
    private func apply<Element>(
        _ source: UnsafePointer<Element>, _ stride: Int, _ target: UnsafeMutablePointer<Element>,
        _ targetStride: Int, _ rows: Range<Int>, _ columns: Range<Int>, read: (Element) -> Float,
        write: (Float) -> Element
    ) {
        let length = weights.count / width
        withUnsafeTemporaryAllocation(of: Float.self, capacity: columns.count) { sums in
            for row in rows {
                _ = sums.initialize(from: bias[columns])
                let first = row - before
                for other in max(first, rows.lowerBound)..<min(first + length, rows.upperBound) {
                    let (gate, weight) = (source + other * stride, (other - first) * width)
                    let values = gate + 2 * width
                    for (index, column) in columns.enumerated() {
                        sums[index] += weights[weight + column] * (read(gate[column]) * read(values[column]))
                    }
                }
                let gate = source + row * stride + width
                for (index, column) in columns.enumerated() {
                    target[row * targetStride + column] = write(sums[index] * read(gate[column]))
                }
            }
        }
    }
}

extension Checkpoint {
    /// The convolution of a layer; nil: it has attention.
    func convolution(_ d: TransformerDescription, layer: Int) throws(ModelError) -> ShortConvolution? {
        guard let convolution = d.convolution, d.hasConvolution(layer: layer), let names = layout.convolution
        else { return nil }
        let name = layout.layer(layer, names.weights)
        let stored = try floats(name + ".weight", [d.hiddenSize, 1, convolution.length])
        if !convolution.hasBias { try requireNoBias(name) }
        return ShortConvolution(
            stored: stored, bias: convolution.hasBias ? try floats(name + ".bias", [d.hiddenSize]) : nil,
            width: d.hiddenSize, before: convolution.before)
    }
}
