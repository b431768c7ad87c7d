internal import MartletCompute
package import MartletWeights

/// A BERT's tensors by their transformers names, whatever the file calls them.
///
/// Checkpoints differ in a prefix (`bert.`), in the layer norms of the oldest (`gamma`, `beta`), and GGUF has names of its own.
package struct BertTensors: Sendable {
    package enum Naming: Sendable, Equatable { case transformers(prefix: String), gguf }

    package let source: any WeightSource
    package let naming: Naming
    package let file: String

    package init(_ source: any WeightSource, file: String) throws(ModelError) {
        self.source = source
        self.file = file
        let first = "embeddings.word_embeddings.weight"
        if source.tensor(named: BertTensors.ggufName(first)) != nil {
            naming = .gguf
        } else if let prefix = ["", "bert.", "model.", "encoder.", "0.auto_model."].first(where: { source.tensor(named: $0 + first) != nil }
        ) {
            naming = .transformers(prefix: prefix)
        } else {
            throw ModelError(.missingTensor, "\(file) has no tensor \(first); is it a BERT encoder?", file: file)
        }
    }

    /// The name that llama.cpp gives to a tensor of transformers' `BertModel`.
    package static func ggufName(_ name: String) -> String {
        let parts = name.split(separator: ".").map(String.init)
        guard let kind = parts.last else { return name }
        let body = parts.dropLast().joined(separator: ".")
        if parts.first == "encoder", parts.count > 4 {
            let inner = parts.dropFirst(3).dropLast().joined(separator: ".")
            return "blk.\(parts[2]).\(layerNames[inner] ?? inner).\(kind)"
        }
        return "\(outerNames[body] ?? body).\(kind)"
    }

    private static let outerNames = [
        "embeddings.word_embeddings": "token_embd",
        "embeddings.position_embeddings": "position_embd",
        "embeddings.token_type_embeddings": "token_types",
        "embeddings.LayerNorm": "token_embd_norm",
    ]
    private static let layerNames = [
        "attention.self.query": "attn_q",
        "attention.self.key": "attn_k",
        "attention.self.value": "attn_v",
        "attention.output.dense": "attn_output",
        "attention.output.LayerNorm": "attn_output_norm",
        "intermediate.dense": "ffn_up",
        "output.dense": "ffn_down",
        "output.LayerNorm": "layer_output_norm",
    ]

    /// Every tensor of an encoder with this many layers, by its transformers name.
    package static func names(layers: Int) -> [String] {
        let norms = ["weight", "bias"]
        var names = ["word_embeddings", "position_embeddings", "token_type_embeddings"].map { "embeddings.\($0).weight" }
        names += norms.map { "embeddings.LayerNorm.\($0)" }
        for layer in 0..<layers {
            for part in layerNames.keys.sorted() { names += norms.map { "encoder.layer.\(layer).\(part).\($0)" } }
        }
        return names
    }

    /// The tensor of that transformers name, checked against the shape that the configuration asks for.
    package func tensor(_ name: String, _ shape: [Int]) throws(ModelError) -> TensorView {
        let tensor = try tensor(name)
        guard tensor.shape == shape else {
            throw ModelError(
                .invalidTensor, "\(tensor.file): tensor \(tensor.name) has shape \(tensor.shape), expected \(shape)", file: tensor.file)
        }
        return tensor
    }

    /// The tensor of that transformers name.
    package func tensor(_ name: String) throws(ModelError) -> TensorView {
        guard let tensor = find(name) else {
            throw ModelError(.missingTensor, "\(file) has no tensor \(name); the file may be incomplete", file: file)
        }
        return tensor
    }

    private func find(_ name: String) -> TensorView? {
        switch naming {
        case .gguf: return source.tensor(named: BertTensors.ggufName(name))
        case .transformers(let prefix):
            if let tensor = source.tensor(named: prefix + name) { return tensor }
            if name.hasSuffix("LayerNorm.weight") { return source.tensor(named: prefix + name.dropLast(6) + "gamma") }
            if name.hasSuffix("LayerNorm.bias") { return source.tensor(named: prefix + name.dropLast(4) + "beta") }
            return nil
        }
    }

    func floats(_ name: String, _ shape: [Int]) throws(ModelError) -> [Float] {
        let tensor = try tensor(name, shape)
        let values: [Float]
        do throws(WeightError) {
            values = try tensor.floats()
        } catch {
            throw ModelError(.invalidTensor, error.message, file: tensor.file)
        }
        if let bad = values.firstIndex(where: { !$0.isFinite }) { throw BertTensors.notFinite(tensor, values[bad], at: bad) }
        return values
    }

    private static func notFinite(_ tensor: TensorView, _ value: Float, at index: Int) -> ModelError {
        ModelError(
            .invalidTensor, "\(tensor.file): tensor \(tensor.name) holds \(value) at element \(index); the file may be damaged",
            file: tensor.file)
    }

    /// A layer norm; `scales` are those that the matrix after it was multiplied by.
    func norm(_ name: String, _ size: Int, _ epsilon: Float, before scales: [Float]?) throws(ModelError) -> NormWeights {
        NormWeights(
            gamma: try floats(name + ".weight", [size]), beta: try floats(name + ".bias", [size]), epsilon: epsilon,
            u8Factor: scales?.map { 1 / $0 })
    }

    /// Matrices of `outputs × inputs` with biases, one under the other, packed as one, each column multiplied by its scale.
    func matrix(
        _ names: [String], outputs: Int, inputs: Int, columnScales: [Float]?, precision: ComputePrecision, kernels: Kernels
    ) throws(ModelError) -> PackedMatrix {
        var parts: [TensorView] = []
        var bias: [Float] = []
        for name in names {
            parts.append(try tensor(name + ".weight", [outputs, inputs]))
            bias += try floats(name + ".bias", [outputs])
        }
        let ones = [Float](repeating: 1, count: inputs)
        return try PackedMatrix(
            outputs: outputs * names.count, inputs: inputs, bias: bias, precision: precision, kernels: kernels
        ) { (rows, destination) throws(ModelError) in
            // A block of rows may cross from one part into the next.
            var row = rows.lowerBound
            while row < rows.upperBound {
                let part = row / outputs
                let last = min(rows.upperBound, (part + 1) * outputs)
                let local = row - part * outputs..<last - part * outputs
                let slice = UnsafeMutableBufferPointer(
                    rebasing: destination[(row - rows.lowerBound) * inputs..<(last - rows.lowerBound) * inputs])
                parts[part].readRows(local, into: slice)
                // int8 has no way to keep what is no number: it would become a weight like any other.
                for index in 0..<local.count {
                    let values = UnsafeMutableBufferPointer(rebasing: slice[index * inputs..<(index + 1) * inputs])
                    guard let base = values.baseAddress, !kernels.dot(base, ones, count: inputs).isFinite else { continue }
                    if let bad = values.firstIndex(where: { !$0.isFinite }) {
                        throw BertTensors.notFinite(parts[part], values[bad], at: (local.lowerBound + index) * inputs + bad)
                    }
                }
                row = last
            }
            if let columnScales {
                for row in 0..<rows.count {
                    for column in 0..<inputs { destination[row * inputs + column] *= columnScales[column] }
                }
            }
        }
    }
}
