internal import MartletModels
internal import MartletJSON
internal import MartletWeights

extension PipelineDescription {
    /// The class of voyage-4-nano's published code: Qwen3 in both directions, and a projection of each token.
    static let projectingClass = "Qwen3BidirectionalModel"

    /// The projection that published code has after its encoder, `linear.weight` without a bias. A mean of
    /// projected tokens is the projected mean, so it follows pooling here.
    mutating func addPublishedProjection(_ config: ConfigFile, _ weights: any WeightSource)
        throws(MartletError)
    {
        let classes = config["architectures"]?.array?.compactMap(\.string) ?? []
        guard classes.contains(Self.projectingClass), weights.has("linear.weight") else { return }
        let tensor = try wrapping { () throws(WeightError) in try weights.require("linear.weight") }
        guard tensor.shape.count == 2, tensor.shape[0] > 0,
            tensor.shape[0] == (try config.size("num_labels") ?? tensor.shape[0])
        else {
            throw .malformed(
                tensor.file,
                "tensor linear.weight has shape \(tensor.shape), which is not what \"num_labels\" of config.json asks for"
            )
        }
        guard pooling.count == 1, !pooling.contains(.max) else {
            throw .unsupported(
                tensor.file, "a projection of each token is supported with one pooling of mean, cls or last")
        }
        let values = try wrapping { () throws(WeightError) in try tensor.floats() }
        let dense = try DenseLayer(
            inputs: tensor.shape[1], outputs: tensor.shape[0], weight: values, bias: nil,
            activation: .identity, file: tensor.file)
        stages.insert(.dense(dense), at: 0)
    }
}
