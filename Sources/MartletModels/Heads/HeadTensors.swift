package import MartletCompute
package import MartletWeights

/// The tensors of a head beside its encoder, in a weight file, by their whole names.
package struct HeadTensors: Sendable {
    package let source: any WeightSource
    package let file: String

    package init(_ source: any WeightSource, file: String) {
        self.source = source
        self.file = file
    }

    package func has(_ name: String) -> Bool { source.has(name) }

    /// The tensor of that name and shape.
    package func tensor(_ name: String, _ shape: [Int]) throws(ModelError) -> TensorView {
        do throws(WeightError) {
            return try source.require(name, shape: shape)
        } catch {
            throw ModelError(
                error.code == .missingTensor ? .missingTensor : .invalidTensor, error.message,
                file: error.file)
        }
    }

    package func floats(_ name: String, _ shape: [Int]) throws(ModelError) -> [Float] {
        let tensor = try tensor(name, shape)
        let values: [Float]
        do throws(WeightError) {
            values = try tensor.floats()
        } catch {
            throw ModelError(.invalidTensor, error.message, file: tensor.file)
        }
        if let bad = values.firstIndex(where: { !$0.isFinite }) {
            throw Checkpoint.notFinite(tensor, values[bad], at: bad)
        }
        return values
    }

    /// Rows of a tensor, packed.
    package func matrix(
        _ tensor: TensorView, rows: Range<Int>, bias: [Float]?, precision: ComputePrecision, kernels: Kernels
    ) throws(ModelError) -> PackedMatrix {
        let reader = MatrixRows(tensors: [tensor], inputs: tensor.rowLength, kernels: kernels)
        return try PackedMatrix(
            outputs: rows.count, inputs: tensor.rowLength, bias: bias, precision: precision, kernels: kernels
        ) {
            (part, destination) throws(ModelError) in
            try reader.read(
                rows.lowerBound + part.lowerBound..<rows.lowerBound + part.upperBound, into: destination)
        }
    }

    /// The whole tensor, packed.
    package func matrix(
        _ name: String, _ shape: [Int], bias: [Float]?, precision: ComputePrecision, kernels: Kernels
    ) throws(ModelError)
        -> PackedMatrix
    {
        let tensor = try tensor(name, shape)
        return try matrix(
            tensor, rows: 0..<tensor.rowCount, bias: bias, precision: precision, kernels: kernels)
    }
}
