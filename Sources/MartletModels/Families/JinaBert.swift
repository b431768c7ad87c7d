internal import MartletCompute
internal import MartletJSON
internal import MartletSystem

/// jina-embeddings-v2 (Günther et al. 2023): BERT with ALiBi and a gated feed-forward network. Its
/// `model_type` is "bert".
enum JinaBert {
    static let family = Family(
        modelTypes: [], ggufNames: ["jina-bert-v2"], fromFolder: blueprint(_:),
        fromGGUF: blueprint(_:file:), ggufForm: GGUFForm.jina)

    static func blueprint(_ reader: ConfigurationReader) throws(ModelError) -> ArchitectureRegistry.Blueprint
    {
        var description = try BertConfiguration(reader, positions: "alibi").description
        description.architecture = "jina_bert"
        description.embeddings.positions = nil
        guard description.attention.heads <= 1024 else {
            throw reader.invalid("\(description.attention.heads) attention heads are more than any model has")
        }
        description.attention.distanceBias = .slopes(slopes(description.attention.heads))
        switch try reader.string("feed_forward_type") ?? "original" {
        case "geglu": description.feedForward.activation = .gelu
        case "reglu": description.feedForward.activation = .relu
        case let type:
            throw reader.unsupported(
                "feed_forward_type \(type.quotedForMessage) is not supported; geglu and reglu are")
        }
        description.feedForward.gate = .first
        description.feedForward.hasBias = false
        var layout = BertTensors.layout
        layout.up = ["mlp.gated_layers"]
        layout.down = "mlp.wo"
        layout.afterFeedForward = "mlp.layernorm"
        return .init(description: description, layouts: [layout])
    }

    /// A geometric sequence that ends at 2⁻⁸; heads beyond a power of two take every second slope of the next
    /// one.
    static func slopes(_ heads: Int) -> [Float] {
        let power = 1 << (Int.bitWidth - 1 - heads.leadingZeroBitCount)
        let first = (0..<power).map { Float(pow(2, -8 / Double(power) * Double($0 + 1))) }
        return first + (0..<heads - power).map { Float(pow(2, -4 / Double(power) * Double(2 * $0 + 1))) }
    }
}
