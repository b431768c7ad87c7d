package import MartletCompute
package import MartletWeights

/// A classifier's matrices and norms, in 32-bit floats whatever the encoder's precision: a head takes one row
/// of each text.
///
/// Rows go through one at a time, so a text has the same bits in any batch.
package final class ClassifierHead: Sendable {
    private enum Step: Sendable {
        case linear(PackedMatrix, Activation)
        case norm(NormWeights)
        /// The first value less the second, where there is one.
        case difference
    }

    package let labels: Int
    package let parameters: Int
    /// The steps in a few words: `first → dense(384→384, tanh) → dense(384→1)`.
    package let summary: String
    private let pooling: ClassifierDescription.Pooling
    private let steps: [Step]
    private let hiddenSize: Int
    /// Values of the widest row, with room for whole vectors.
    private let widest: Int
    private let kernels: Kernels

    package init(
        _ description: ClassifierDescription, _ weights: any WeightSource, hiddenSize: Int, file: String,
        kernels: Kernels
    ) throws(ModelError) {
        let reader = HeadReader(weights: weights, file: file, kernels: kernels)
        var (size, widest, parameters) = (hiddenSize, hiddenSize, 0)
        var steps: [Step] = []
        var texts = [description.pooling.rawValue]
        for step in description.steps {
            switch step {
            case .linear(let linear):
                let matrix = try reader.matrix(linear, inputs: size)
                steps.append(.linear(matrix, linear.activation))
                parameters += matrix.parameters
                let activation = linear.activation == .identity ? "" : ", \(linear.activation.rawValue)"
                texts.append("dense(\(size)→\(matrix.outputs)\(activation))")
                size = matrix.outputs
            case .norm(let norm):
                steps.append(.norm(try reader.norm(norm, size: size)))
                parameters += norm.hasBias ? 2 * size : size
                texts.append("layer_norm(\(size))")
            case .words(let words):
                steps += [.linear(try reader.rows(words, inputs: size), .identity), .difference]
                parameters += size * (words.no == nil ? 1 : 2)
                texts.append(words.spelling)
                size = 1
            }
            widest = max(widest, size)
        }
        labels = size
        self.parameters = parameters
        self.hiddenSize = hiddenSize
        self.widest = (widest + 15) / 16 * 16
        self.steps = steps
        self.kernels = kernels
        pooling = description.pooling
        summary = texts.joined(separator: " → ")
    }

    /// Whether the last token's hidden state is all that it reads.
    package var readsLastTokens: Bool { pooling == .last }

    /// A number for each label.
    /// - Parameter hidden: [tokens × hiddenSize], at least one token.
    package func logits(of hidden: UnsafeBufferPointer<Float>) -> [Float] {
        let tokens = hidden.count / hiddenSize
        guard let states = hidden.baseAddress, tokens > 0 else { return [] }
        let row = AlignedBuffer<Float>(count: widest)
        let scratch = AlignedBuffer<Float>(count: widest)
        switch pooling {
        case .first: row.pointer.update(from: states, count: hiddenSize)
        case .last: row.pointer.update(from: states + (tokens - 1) * hiddenSize, count: hiddenSize)
        case .mean: mean(tokens, width: hiddenSize, into: row.pointer) { states + $0 * hiddenSize }
        case .late:
            let token = AlignedBuffer<Float>(count: widest)
            let inner = steps.dropLast()
            mean(tokens, width: width(after: inner), into: row.pointer) { index in
                token.pointer.update(from: states + index * hiddenSize, count: hiddenSize)
                run(inner, token.pointer, scratch.pointer)
                return UnsafePointer(token.pointer)
            }
            run(steps.suffix(1), row.pointer, scratch.pointer)
            return Array(UnsafeBufferPointer(start: row.pointer, count: labels))
        }
        run(steps[...], row.pointer, scratch.pointer)
        return Array(UnsafeBufferPointer(start: row.pointer, count: labels))
    }

    /// Takes the row at `row` through steps; it ends where it began.
    private func run(
        _ steps: ArraySlice<Step>, _ row: UnsafeMutablePointer<Float>, _ scratch: UnsafeMutablePointer<Float>
    ) {
        for step in steps {
            switch step {
            case .linear(let matrix, let activation):
                matrix.apply(
                    .init(f32: row, stride: widest), rows: 1, to: .init(f32: scratch, stride: widest),
                    activation: activation)
                row.update(from: scratch, count: matrix.outputs)
                if matrix.outputs < widest { row[matrix.outputs] = 0 }
            case .norm(let norm): norm.norming(row, stride: widest, output: row, rows: 1).run(kernels)
            // Without a second word the second value is zero.
            case .difference: row[0] -= row[1]
            }
        }
    }

    private func width(after steps: ArraySlice<Step>) -> Int {
        for step in steps.reversed() { if case .linear(let matrix, _) = step { return matrix.outputs } }
        return hiddenSize
    }

    /// Summed in the order of the tokens.
    private func mean(
        _ tokens: Int, width: Int, into row: UnsafeMutablePointer<Float>, token: (Int) -> UnsafePointer<Float>
    ) {
        row.update(repeating: 0, count: width)
        for index in 0..<tokens { kernels.add(token(index), to: row, count: width) }
        for index in 0..<width { row[index] /= Float(tokens) }
    }
}
