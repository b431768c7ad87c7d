internal import MartletCompute
internal import MartletWeights

/// The tensors of a head, by names that may differ from file to file.
struct HeadReader {
    let weights: any WeightSource
    let file: String
    let kernels: Kernels

    func matrix(_ linear: ClassifierDescription.Linear, inputs: Int) throws(ModelError) -> PackedMatrix {
        let (name, weight) = try tensor(linear.names, ".weight")
        guard weight.shape.count == 2, weight.shape[1] == inputs, weight.shape[0] > 0,
            linear.outputs ?? weight.shape[0] == weight.shape[0]
        else {
            throw wrongShape(weight, expected: "[\(linear.outputs.map(String.init) ?? "labels"), \(inputs)]")
        }
        let outputs = weight.shape[0]
        let hasBias = linear.hasBias ?? weights.has(name + ".bias")
        if !hasBias, weights.has(name + ".bias") {
            throw ModelError(
                .invalidTensor,
                "\(file): tensor \(name).bias is there, but the configuration asks for no bias; do the two belong together?",
                file: file)
        }
        let bias = hasBias ? try floats(name + ".bias", outputs) : nil
        let reader = MatrixRows(tensors: [weight], inputs: inputs, kernels: kernels)
        return try PackedMatrix(
            outputs: outputs, inputs: inputs, bias: bias, precision: .f32, kernels: kernels, read: reader.read
        )
    }

    /// The rows of two words, or of one, of a matrix of logits.
    func rows(_ words: ClassifierDescription.Words, inputs: Int) throws(ModelError) -> PackedMatrix {
        let (_, weight) = try tensor(words.names, ".weight")
        let ids = [words.yes] + (words.no.map { [$0] } ?? [])
        guard weight.shape.count == 2, weight.shape[1] == inputs,
            ids.allSatisfy({ $0 >= 0 && $0 < weight.shape[0] })
        else {
            throw wrongShape(weight, expected: "[more than \(ids.max() ?? 0), \(inputs)]")
        }
        let reader = MatrixRows(tensors: [weight], inputs: inputs, kernels: kernels)
        return try PackedMatrix(
            outputs: ids.count, inputs: inputs, bias: nil, precision: .f32, kernels: kernels
        ) {
            (rows, destination) throws(ModelError) in
            for (place, row) in rows.enumerated() {
                try reader.read(
                    ids[row]..<ids[row] + 1,
                    into: .init(rebasing: destination[place * inputs..<(place + 1) * inputs]))
            }
        }
    }

    func norm(_ norm: ClassifierDescription.Norm, size: Int) throws(ModelError) -> NormWeights {
        let (name, _) = try tensor([norm.name], ".weight")
        return NormWeights(
            gamma: try floats(name + ".weight", size),
            beta: norm.hasBias ? try floats(name + ".bias", size) : nil, epsilon: norm.epsilon)
    }

    private func tensor(_ names: [String], _ suffix: String) throws(ModelError) -> (
        name: String, tensor: TensorView
    ) {
        for name in names {
            if let tensor = weights.tensor(named: name + suffix) { return (name, tensor) }
            if let other = weights.unreadable(name + suffix) { throw ModelError(other) }
        }
        let expected = names.map { $0 + suffix }.joined(separator: " or ")
        throw ModelError(
            .missingTensor,
            "\(file) has no tensor \(expected), which a sequence classifier of this family has; the head is missing",
            file: file)
    }

    private func floats(_ name: String, _ count: Int) throws(ModelError) -> [Float] {
        guard let tensor = weights.tensor(named: name) else {
            if let other = weights.unreadable(name) { throw ModelError(other) }
            throw ModelError(
                .missingTensor, "\(file) has no tensor \(name); the file may be incomplete", file: file)
        }
        guard tensor.shape == [count] else { throw wrongShape(tensor, expected: "[\(count)]") }
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

    private func wrongShape(_ tensor: TensorView, expected: String) -> ModelError {
        ModelError(
            .invalidTensor,
            "\(tensor.file): tensor \(tensor.name) has shape \(tensor.shape), expected \(expected)",
            file: tensor.file)
    }
}
