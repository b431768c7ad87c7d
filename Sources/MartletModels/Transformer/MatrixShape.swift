internal import MartletCompute

/// The shape of a matrix that is packed.
struct MatrixShape: Sendable, Equatable {
    let outputs: Int
    let inputs: Int
    let hasBias: Bool
}

extension TransformerDescription {
    /// The shape of one of a layer's matrices, or of each expert's, in order: projections, attention's
    /// output, up, down.
    func shapes(ofMatrix which: Int, layer: Int) -> [MatrixShape] {
        let hasExperts = feedForward.hasExperts(layer: layer)
        let count = hasExperts ? feedForward.experts?.count ?? 0 : 1
        // An expert is not gated, and the bias of all is one.
        let up = feedForward.size * (feedForward.gate == nil || hasExperts ? 1 : 2)
        if which < 2, hasConvolution(layer: layer) {
            let hasBias = convolution?.hasBias ?? false
            let outputs = which == 0 ? 3 * hiddenSize : hiddenSize
            return [MatrixShape(outputs: outputs, inputs: hiddenSize, hasBias: hasBias)]
        }
        return switch which {
        case 0:
            [
                MatrixShape(
                    outputs: attention.projections.reduce(0, +), inputs: hiddenSize,
                    hasBias: attention.hasBias)
            ]
        case 1: [MatrixShape(outputs: hiddenSize, inputs: attention.width, hasBias: attention.outputHasBias)]
        case 2:
            Array(
                repeating: MatrixShape(
                    outputs: up, inputs: hiddenSize, hasBias: !hasExperts && feedForward.hasBias),
                count: count)
        default:
            Array(
                repeating: MatrixShape(
                    outputs: hiddenSize, inputs: feedForward.size,
                    hasBias: !hasExperts && feedForward.outputHasBias), count: count)
        }
    }

    /// About what the packed matrices of all layers take, with the pieces of memory that they are cut from.
    func weightBytes(_ precision: ComputePrecision) -> Int {
        let elements = (0..<layers).reduce(0) { sum, layer in
            (0..<LayerWeights.matrices).reduce(sum) { sum, which in
                shapes(ofMatrix: which, layer: layer).reduce(sum) { $0 + $1.outputs * $1.inputs }
            }
        }
        let bytes = elements * precision.bitsOfWeight / 8
        return bytes + bytes / 8 + WeightMemory.pieceBytes
    }
}
