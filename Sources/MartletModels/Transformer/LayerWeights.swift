internal import MartletCompute

/// The weights of one layer of a transformer, packed.
struct LayerWeights: Sendable {
    /// nil: the stream is read as the norm before left it.
    let beforeAttention: NormWeights?
    /// [queries + keys + values, hidden]
    let projections: PackedMatrix
    /// [head size], for queries and for keys
    let queryNorm: NormWeights?
    let keyNorm: NormWeights?
    /// [hidden, heads × head size]
    let output: PackedMatrix
    let afterAttention: NormWeights?
    let beforeFeedForward: NormWeights?
    /// [intermediate, hidden], twice as high where it is gated; one for each expert, where there are any
    let up: [PackedMatrix]
    /// [hidden, intermediate]
    let down: [PackedMatrix]
    let experts: ExpertRouter?
    let relative: RelativePositions?
    /// In place of attention.
    let convolution: ShortConvolution?
    let afterFeedForward: NormWeights?

    /// What a layer is packed into: projections, attention's output, up and down, the last two for each
    /// expert.
    static let matrices = 4

    /// - Parameter matrices: Those of the layer, in order.
    init(
        _ checkpoint: Checkpoint, _ d: TransformerDescription, layer: Int,
        matrices: ArraySlice<[PackedMatrix]>, scales: InputScales,
        packing: Packing
    ) throws(ModelError) {
        let (layout, matrices) = (checkpoint.layout, Array(matrices))
        func norm(_ name: String?, _ size: Int? = nil, before point: Int? = nil) throws(ModelError)
            -> NormWeights?
        {
            guard let name else { return nil }
            return try checkpoint.norm(
                layout.layer(layer, name), size ?? d.hiddenSize, d.norm, before: point.flatMap { scales[$0] })
        }
        let isPostNorm = d.residual == .postNorm
        let isFed = layer == 0 && d.embeddings.feedsFirstLayer
        let headNorms = d.attention.normalisesHeads && !d.hasConvolution(layer: layer)
        beforeAttention = try norm(isFed ? nil : layout.beforeAttention, before: 2 * layer)
        projections = matrices[0][0]
        queryNorm = try norm(headNorms ? layout.queryNorm : nil, d.attention.headSize)
        keyNorm = try norm(headNorms ? layout.keyNorm : nil, d.attention.headSize)
        output = matrices[1][0]
        afterAttention = try norm(layout.afterAttention, before: isPostNorm ? 2 * layer + 1 : nil)
        beforeFeedForward = try norm(layout.beforeFeedForward, before: 2 * layer + 1)
        (up, down) = (matrices[2], matrices[3])
        experts = try checkpoint.router(layer: layer, d, packing)
        relative = try checkpoint.relativePositions(d, layer: layer, packing)
        convolution = try checkpoint.convolution(d, layer: layer)
        afterFeedForward = try norm(
            layout.afterFeedForward, before: isPostNorm && layer + 1 < d.layers ? 2 * layer + 2 : nil)
    }

    private var packed: [PackedMatrix] {
        [projections, output] + up + down + [experts?.router].compactMap { $0 }
    }
    private var norms: [NormWeights] {
        [beforeAttention, queryNorm, keyNorm, afterAttention, beforeFeedForward, afterFeedForward].compactMap
        { $0 }
    }

    var parameters: Int {
        let sum = packed.reduce(convolution?.parameters ?? 0) { $0 + $1.parameters }
        return norms.reduce(sum) { $0 + $1.parameters }
    }
    /// Bytes of packed matrices.
    var bytes: Int { packed.reduce(relative?.bytes ?? 0) { $0 + $1.bytes } }
}

/// The scales of what a layer's attention reads, at an even point, and of what its feed-forward network
/// reads, at an odd one.
struct InputScales: Sendable {
    let smoothing: Smoothing?
    /// The first layer reads a projection of the embeddings' norm: that has no scales to give.
    let firstIsProjected: Bool

    init(_ smoothing: Smoothing?, _ d: TransformerDescription) {
        self.smoothing = smoothing
        firstIsProjected = d.embeddings.size != d.hiddenSize
    }

    subscript(point: Int) -> [Float]? { point == 0 && firstIsProjected ? nil : smoothing?.scales[point] }
}
