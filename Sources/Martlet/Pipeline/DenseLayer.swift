/// A `Dense` module: activation(x · Wᵀ + b), plus x or a projection of x where the module is residual.
package struct DenseLayer: Sendable, Equatable {
    package enum Residual: Sendable, Equatable {
        case none, input
        /// [inputs × outputs], laid out as `columns`.
        case projected([Float])
    }

    package let inputs: Int
    package let outputs: Int
    /// Wᵀ, [inputs × outputs] row-major: the inner loop runs over outputs in memory order and each sum over
    /// inputs in theirs.
    package let columns: [Float]
    /// [outputs], or nil.
    package let bias: [Float]?
    package let activation: DenseActivation
    package let residual: Residual
    /// Where the weights come from, for messages.
    package let file: String

    /// - Parameters:
    ///   - weight: [outputs × inputs] row-major, as PyTorch stores it.
    ///   - residual: Whether the input is added to the output.
    ///   - residualWeight: [outputs × inputs], for a residual between different sizes.
    package init(
        inputs: Int, outputs: Int, weight: [Float], bias: [Float]?, activation: DenseActivation,
        residual: Bool = false,
        residualWeight: [Float]? = nil, file: String
    ) throws(MartletError) {
        for (name, found, expected) in [
            ("weight", weight.count, inputs * outputs), ("bias", bias?.count ?? outputs, outputs),
            ("residual weight", residualWeight?.count ?? inputs * outputs, inputs * outputs),
        ] where found != expected {
            throw .malformed(
                file, "dense(\(inputs)→\(outputs)): the \(name) has \(found) values, expected \(expected)")
        }
        guard !residual || inputs == outputs || residualWeight != nil else {
            throw .malformed(
                file, "dense(\(inputs)→\(outputs)) is residual but has no tensor \"residual.weight\"")
        }
        self.inputs = inputs
        self.outputs = outputs
        self.columns = Self.transposed(weight, rows: outputs, columns: inputs)
        self.bias = bias
        self.activation = activation
        self.residual =
            if !residual { .none } else if let residualWeight, inputs != outputs {
                .projected(Self.transposed(residualWeight, rows: outputs, columns: inputs))
            } else { .input }
        self.file = file
    }

    /// [outputs × inputs], as PyTorch stores it.
    package var weight: [Float] { Self.transposed(columns, rows: inputs, columns: outputs) }

    package var residualWeight: [Float]? {
        if case .projected(let columns) = residual {
            Self.transposed(columns, rows: inputs, columns: outputs)
        } else {
            nil
        }
    }

    private static func transposed(_ values: [Float], rows: Int, columns: Int) -> [Float] {
        var result = [Float](repeating: 0, count: values.count)
        for row in 0..<rows {
            for column in 0..<columns { result[column * rows + row] = values[row * columns + column] }
        }
        return result
    }

    /// One row [inputs] to one row [outputs].
    func apply(_ input: UnsafePointer<Float>, to output: UnsafeMutablePointer<Float>) {
        output.update(repeating: 0, count: outputs)
        Self.accumulate(input, inputs, columns, outputs, into: output)
        if let bias {
            for index in 0..<outputs { output[index] += bias[index] }
        }
        activation.apply(output, outputs)
        switch residual {
        case .none: break
        case .input: for index in 0..<outputs { output[index] += input[index] }
        case .projected(let columns):
            withUnsafeTemporaryAllocation(of: Float.self, capacity: outputs) { projected in
                guard let base = projected.baseAddress else { return }
                base.initialize(repeating: 0, count: outputs)
                Self.accumulate(input, inputs, columns, outputs, into: base)
                for index in 0..<outputs { output[index] += base[index] }
            }
        }
    }

    private static func accumulate(
        _ input: UnsafePointer<Float>, _ inputs: Int, _ columns: [Float], _ outputs: Int,
        into output: UnsafeMutablePointer<Float>
    ) {
        columns.withUnsafeBufferPointer { columns in
            guard var column = columns.baseAddress else { return }
            for k in 0..<inputs {
                let x = input[k]
                for index in 0..<outputs { output[index] += x * column[index] }
                column += outputs
            }
        }
    }
}
