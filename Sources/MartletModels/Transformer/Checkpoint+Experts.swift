internal import MartletCompute
internal import MartletWeights

extension Checkpoint {
    func router(layer: Int, _ d: TransformerDescription, _ kernels: Kernels) throws(ModelError) -> ExpertRouter? {
        guard d.feedForward.hasExperts(layer: layer), let names = layout.experts, let experts = d.feedForward.experts else { return nil }
        return ExpertRouter(
            router: try matrix(
                [.init(name: self.layout.layer(layer, names.router), rows: experts.count)], inputs: d.hiddenSize, hasBias: false,
                precision: .f32, kernels: kernels),
            bias: try floats(layout.layer(layer, names.bias), [d.hiddenSize]))
    }

    /// Each expert's first matrix.
    func expertsUp(
        _ layer: Int, _ d: TransformerDescription, _ scales: [Float]?, _ precision: ComputePrecision, _ kernels: Kernels
    ) throws(ModelError) -> [PackedMatrix] {
        guard let names = layout.experts, let experts = d.feedForward.experts else { return [] }
        let (size, hidden) = (d.feedForward.size, d.hiddenSize)
        let all = try tensor(layout.layer(layer, names.up), [experts.count * size, hidden])
        let reader = MatrixRows(tensors: [all], inputs: hidden, columnScales: scales, kernels: kernels)
        var matrices: [PackedMatrix] = []
        for expert in 0..<experts.count {
            matrices.append(
                try PackedMatrix(outputs: size, inputs: hidden, bias: nil, precision: precision, kernels: kernels) {
                    (rows, destination) throws(ModelError) in
                    try reader.read(rows.lowerBound + expert * size..<rows.upperBound + expert * size, into: destination)
                })
        }
        return matrices
    }

    /// Each expert's second matrix, which is stored on its side.
    func expertsDown(_ layer: Int, _ d: TransformerDescription, _ precision: ComputePrecision, _ kernels: Kernels) throws(ModelError)
        -> [PackedMatrix]
    {
        guard let names = layout.experts, let experts = d.feedForward.experts else { return [] }
        let (size, hidden) = (d.feedForward.size, d.hiddenSize)
        let all = try tensor(layout.layer(layer, names.down), [experts.count * size, hidden])
        let reader = MatrixRows(tensors: [all], inputs: hidden, columnScales: nil, kernels: kernels)
        let turned = AlignedBuffer<Float>(count: size * hidden)
        var matrices: [PackedMatrix] = []
        for expert in 0..<experts.count {
            try reader.read(expert * size..<(expert + 1) * size, into: turned.buffer)
            matrices.append(
                PackedMatrix(outputs: hidden, inputs: size, bias: nil, precision: precision, kernels: kernels) { rows, destination in
                    for (index, output) in rows.enumerated() {
                        for input in 0..<size { destination[index * size + input] = turned.pointer[input * hidden + output] }
                    }
                })
        }
        return matrices
    }
}
