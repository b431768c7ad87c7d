internal import MartletCompute
internal import MartletWeights

extension Checkpoint {
    func router(layer: Int, _ d: TransformerDescription, _ packing: Packing) throws(ModelError)
        -> ExpertRouter?
    {
        guard d.feedForward.hasExperts(layer: layer), let names = layout.experts,
            let experts = d.feedForward.experts
        else { return nil }
        let router = MatrixPart(name: layout.layer(layer, names.router), rows: experts.count)
        return ExpertRouter(
            router: try matrix([router], inputs: d.hiddenSize, hasBias: false, packing: packing.f32),
            bias: try names.bias.map { (name) throws(ModelError) in
                try floats(layout.layer(layer, name), [d.hiddenSize])
            })
    }

    /// Matrices of all experts, one under the other, be it in two dimensions or in three.
    func expertMatrices(_ name: String, _ count: Int, rows: Int, columns: Int) throws(ModelError)
        -> TensorView
    {
        if name.hasSuffix(".weight") { try requireNoBias(String(name.dropLast(7))) }
        let isFlat = try tensor(name).shape.count == 2
        return try tensor(name, isFlat ? [count * rows, columns] : [count, rows, columns])
    }

    /// Each expert's first matrix.
    func expertsUp(
        _ layer: Int, _ d: TransformerDescription, _ scales: [Float]?, _ packing: Packing,
        maxima: ChannelMaxima?
    ) throws(ModelError) -> [PackedMatrix] {
        guard let names = layout.experts, let experts = d.feedForward.experts else { return [] }
        let (size, hidden) = (d.feedForward.size, d.hiddenSize)
        let all = try expertMatrices(
            layout.layer(layer, names.up), experts.count, rows: size, columns: hidden)
        let reader = MatrixRows(tensors: [all], inputs: hidden, kernels: packing.kernels, maxima: maxima)
        var matrices: [PackedMatrix] = []
        for expert in 0..<experts.count {
            matrices.append(
                try PackedMatrix(
                    outputs: size, inputs: hidden, bias: nil, columnScales: scales,
                    precision: packing.precision,
                    kernels: packing.kernels, memory: packing.memory
                ) {
                    (rows, destination) throws(ModelError) in
                    try reader.read(
                        rows.lowerBound + expert * size..<rows.upperBound + expert * size, into: destination)
                })
        }
        return matrices
    }

    /// Each expert's second matrix, which may be stored on its side.
    func expertsDown(_ layer: Int, _ d: TransformerDescription, _ packing: Packing) throws(ModelError)
        -> [PackedMatrix]
    {
        guard let names = layout.experts, let experts = d.feedForward.experts else { return [] }
        let (size, hidden) = (d.feedForward.size, d.hiddenSize)
        let (rows, columns) = names.downIsTurned ? (size, hidden) : (hidden, size)
        let all = try expertMatrices(
            layout.layer(layer, names.down), experts.count, rows: rows, columns: columns)
        let reader = MatrixRows(tensors: [all], inputs: columns, kernels: packing.kernels)
        let values = AlignedBuffer<Float>(count: rows * columns)
        var matrices: [PackedMatrix] = []
        for expert in 0..<experts.count {
            try reader.read(expert * rows..<(expert + 1) * rows, into: values.buffer)
            let (down, across) = names.downIsTurned ? (1, hidden) : (size, 1)
            matrices.append(
                PackedMatrix(
                    outputs: hidden, inputs: size, bias: nil, precision: packing.precision,
                    kernels: packing.kernels,
                    memory: packing.memory
                ) { rows, destination in
                    for (index, output) in rows.enumerated() {
                        for input in 0..<size {
                            destination[index * size + input] = values.pointer[output * down + input * across]
                        }
                    }
                })
        }
        return matrices
    }
}
