internal import MartletCompute
internal import MartletModels

/// From hidden states to the vectors of tokens: linear layers, then the length of 1.
struct TokenProjection: Sendable {
    struct Layer: Sendable {
        let matrix: PackedMatrix
        let activation: Activation
        /// Adds the input, or a projection of it.
        let addsInput: Bool
        let residual: PackedMatrix?
    }

    let layers: [Layer]
    let normalizes: Bool
    let hiddenSize: Int

    var dimensions: Int { layers.last?.matrix.outputs ?? hiddenSize }
    var parameters: Int { layers.reduce(0) { $0 + $1.matrix.parameters + ($1.residual?.parameters ?? 0) } }

    /// The layers of `Dense` modules, each of which must take what the one before gives.
    init(_ modules: [DenseLayer], hiddenSize: Int, normalizes: Bool, kernels: Kernels) throws(MartletError) {
        var size = hiddenSize
        var layers: [Layer] = []
        for module in modules {
            guard module.inputs == size else {
                throw .malformed(module.file, "dense takes \(module.inputs) dimensions but gets \(size)")
            }
            guard let activation = Activation(module.activation) else {
                throw .unsupported(
                    module.file,
                    "the activation \(module.activation.rawValue) is not supported for vectors of tokens")
            }
            func packed(_ weight: [Float], bias: [Float]?) -> PackedMatrix {
                PackedMatrix(
                    outputs: module.outputs, inputs: size, bias: bias, precision: .f32, kernels: kernels
                ) {
                    (rows, destination) throws(Never) in
                    for (place, value) in weight[rows.lowerBound * size..<rows.upperBound * size].enumerated()
                    {
                        destination[place] = value
                    }
                }
            }
            layers.append(
                Layer(
                    matrix: packed(module.weight, bias: module.bias), activation: activation,
                    addsInput: module.residual != .none,
                    residual: module.residualWeight.map { packed($0, bias: nil) }))
            size = module.outputs
        }
        self.layers = layers
        self.normalizes = normalizes
        self.hiddenSize = hiddenSize
    }

    /// The vectors of `rows` tokens, [rows × dimensions].
    func apply(_ hidden: UnsafePointer<Float>, stride: Int, rows: Int) -> [Float] {
        var input = [Float](repeating: 0, count: rows * hiddenSize)
        input.withUnsafeMutableBufferPointer { input in
            guard let base = input.baseAddress else { return }
            for row in 0..<rows {
                (base + row * hiddenSize).update(from: hidden + row * stride, count: hiddenSize)
            }
        }
        for layer in layers { input = layer.apply(input, rows: rows) }
        guard normalizes else { return input }
        input.withUnsafeMutableBufferPointer { values in
            guard let base = values.baseAddress else { return }
            for row in 0..<rows { VectorMath.normalize(base + row * dimensions, dimensions) }
        }
        return input
    }

    /// The most memory that `apply` takes for so many tokens.
    func scratchBytes(tokens: Int) -> Int {
        3 * tokens * layers.reduce(hiddenSize) { max($0, $1.matrix.outputs) } * 4
    }
}

extension TokenProjection.Layer {
    /// activation(x Wᵀ + b), plus x or its projection: [rows × inputs] to [rows × outputs].
    fileprivate func apply(_ input: [Float], rows: Int) -> [Float] {
        let (inputs, outputs) = (matrix.inputs, matrix.outputs)
        func product(_ matrix: PackedMatrix, _ activation: Activation, adding other: UnsafePointer<Float>?)
            -> [Float]
        {
            var output = [Float](repeating: 0, count: rows * outputs)
            input.withUnsafeBufferPointer { input in
                output.withUnsafeMutableBufferPointer { output in
                    guard let from = input.baseAddress, let to = output.baseAddress else { return }
                    matrix.apply(
                        .init(f32: from, stride: inputs), rows: rows, to: .init(f32: to, stride: outputs),
                        activation: activation,
                        residual: other, residualStride: other == nil ? 0 : outputs)
                }
            }
            return output
        }
        guard addsInput else { return product(matrix, activation, adding: nil) }
        let other = residual.map { product($0, .identity, adding: nil) } ?? input
        return other.withUnsafeBufferPointer { product(matrix, activation, adding: $0.baseAddress) }
    }
}

extension Activation {
    fileprivate init?(_ activation: DenseActivation) {
        switch activation {
        case .identity: self = .identity
        case .tanh: self = .tanh
        case .relu: self = .relu
        case .gelu: self = .gelu
        case .silu: self = .silu
        case .sigmoid: return nil
        }
    }
}
