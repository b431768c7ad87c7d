internal import MartletCompute
internal import MartletSystem
internal import MartletWeights

extension Checkpoint {
    /// One of a layer's matrices, or of each expert's, in order: projections, attention's output, up, down.
    ///
    /// - Parameter maxima: Takes in the largest magnitude of each column, before any scale.
    func matrix(
        _ which: Int, layer: Int, _ d: TransformerDescription, _ scales: InputScales, _ packing: Packing,
        maxima: ChannelMaxima? = nil
    ) throws(ModelError) -> [PackedMatrix] {
        if which >= 2, d.feedForward.hasExperts(layer: layer) {
            return try which == 2
                ? expertsUp(layer, d, scales[2 * layer + 1], packing, maxima: maxima)
                : expertsDown(layer, d, packing)
        }
        let (attention, feedForward) = (d.attention, d.feedForward)
        func pack(_ parts: [MatrixPart], _ inputs: Int, _ hasBias: Bool, _ scales: [Float]? = nil)
            throws(ModelError) -> PackedMatrix
        {
            try matrix(
                parts, inputs: inputs, hasBias: hasBias, columnScales: scales, packing: packing,
                maxima: maxima)
        }
        func whole(_ name: String) -> [MatrixPart] {
            [MatrixPart(name: layout.layer(layer, name), rows: d.hiddenSize)]
        }
        if which < 2, d.hasConvolution(layer: layer), let names = layout.convolution {
            let name = layout.layer(layer, which == 0 ? names.projection : names.output)
            let part = MatrixPart(name: name, rows: (which == 0 ? 3 : 1) * d.hiddenSize)
            let hasBias = d.convolution?.hasBias ?? false
            return [try pack([part], d.hiddenSize, hasBias, which == 0 ? scales[2 * layer] : nil)]
        }
        return switch which {
        case 0: [try pack(projections(d, layer: layer), d.hiddenSize, attention.hasBias, scales[2 * layer])]
        case 1: [try pack(whole(layout.attentionOutput), attention.width, attention.outputHasBias)]
        case 2: [try pack(up(d, layer: layer), d.hiddenSize, feedForward.hasBias, scales[2 * layer + 1])]
        default: [try pack(whole(layout.down), feedForward.size, feedForward.outputHasBias)]
        }
    }

    func projections(_ d: TransformerDescription, layer: Int) -> [MatrixPart] {
        let rows =
            layout.projections.count == 1 ? [d.attention.projections.reduce(0, +)] : d.attention.projections
        return zip(layout.projections, rows).enumerated().map { index, part in
            let isWoven = layout.weavesHeads && index < 2
            return MatrixPart(
                name: layout.layer(layer, part.0), rows: part.1, woven: isWoven ? d.attention.headSize : 0)
        }
    }

    func up(_ d: TransformerDescription, layer: Int) -> [MatrixPart] {
        let rows = d.feedForward.size * (d.feedForward.gate == nil ? 1 : 2) / layout.up.count
        return layout.up.map { MatrixPart(name: layout.layer(layer, $0), rows: rows) }
    }

    func distanceBias(_ d: TransformerDescription) throws(ModelError) -> DistanceBias? {
        let heads = d.attention.heads
        // Two distances for each position and head: 32 MiB at most.
        let limit = 1 << 22
        guard d.attention.distanceBias == nil || heads * d.maxPositions <= limit else {
            throw ModelError(
                .invalidConfiguration,
                "\(file): scores for distances of \(d.maxPositions) positions in \(heads) heads take too much memory; "
                    + "positions times heads may be \(limit)",
                file: file)
        }
        switch d.attention.distanceBias {
        case nil: return nil
        case .slopes(let slopes):
            return DistanceBias(heads: heads, positions: d.maxPositions) { -slopes[$0] * Float(abs($1)) }
        case .buckets(let count):
            let table = try floats((layout.distanceBias ?? "") + ".weight", [count, heads])
            return DistanceBias(heads: heads, positions: d.maxPositions) { head, distance in
                table[Checkpoint.bucket(distance, of: count) * heads + head]
            }
        }
    }

    /// Half of the buckets are for keys after the query. In each half one half holds single distances, the
    /// other logarithmic steps up to 128 (Raffel et al. 2020).
    static func bucket(_ distance: Int, of count: Int) -> Int {
        let half = count / 2
        let (side, exact, size) = (distance > 0 ? half : 0, half / 2, abs(distance))
        if size < exact { return side + size }
        // In f32, as the models were trained: a step's end depends on the rounding.
        let steps = logf(Float(size) / Float(exact)) / Float(log(128 / Double(exact))) * Float(half - exact)
        return side + min(exact + Int(steps), half - 1)
    }
}
