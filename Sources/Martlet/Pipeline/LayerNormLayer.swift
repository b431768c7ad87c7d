/// A `LayerNorm` module: (x − mean) / √(variance + 1e-5) · weight + bias over the dimensions of a row.
package struct LayerNormLayer: Sendable, Equatable {
    /// [dimensions]
    package let weight: [Float]
    /// [dimensions]
    package let bias: [Float]
    /// Where the weights come from, for messages.
    package let file: String

    package init(weight: [Float], bias: [Float], file: String) throws(MartletError) {
        guard weight.count == bias.count, !weight.isEmpty else {
            throw .malformed(
                file, "layer_norm: \(weight.count) weights and \(bias.count) biases, expected as many of each"
            )
        }
        self.weight = weight
        self.bias = bias
        self.file = file
    }

    func apply(_ row: UnsafeMutablePointer<Float>) {
        let count = weight.count
        var sum = 0.0
        for index in 0..<count { sum += Double(row[index]) }
        let mean = sum / Double(count)
        var squares = 0.0
        for index in 0..<count {
            let difference = Double(row[index]) - mean
            squares += difference * difference
        }
        let scale = 1 / (squares / Double(count) + 1e-5).squareRoot()
        for index in 0..<count {
            row[index] = Float((Double(row[index]) - mean) * scale) * weight[index] + bias[index]
        }
    }
}
