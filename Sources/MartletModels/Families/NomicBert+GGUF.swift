internal import MartletCompute
internal import MartletWeights

extension NomicBert {
    /// As llama.cpp writes it: nomic-bert, and nomic-bert-moe with experts.
    static func blueprint(_ gguf: GGUFFile, file: String) throws(ModelError) -> ArchitectureRegistry.Blueprint
    {
        let reader = MetadataReader(gguf, file: file)
        try reader.requireBothDirections()
        let (hidden, every) = (
            try reader.size("embedding_length"), try reader.number("moe_every_n_layers", default: 0)
        )
        let heads = try reader.heads(hidden: hidden)
        var experts: TransformerDescription.Experts?
        if every >= 2, every < 1000 {
            let (count, perToken) = (try reader.size("expert_count"), try reader.size("expert_used_count"))
            guard perToken <= count, count <= 256 else {
                throw reader.invalid("\(perToken) of \(count) experts are not possible")
            }
            experts = .init(count: count, perToken: perToken, every: Int(every))
        }
        let isPlain = reader.architecture == "nomic-bert-moe"
        let hasBias = gguf.has("blk.0.attn_qkv.bias")
        let description = TransformerDescription(
            architecture: reader.architecture, vocabularySize: try reader.vocabulary(), hiddenSize: hidden,
            layers: try reader.layers(), maxPositions: try reader.size("context_length"),
            norm: .init(epsilon: try reader.epsilon("attention.layer_norm_epsilon")),
            embeddings: .init(size: hidden, types: try reader.rows("token_types.weight")),
            attention: .init(
                heads: heads.queries, headSize: heads.size, hasBias: hasBias, outputHasBias: hasBias,
                spans: [.init(rotary: try reader.rotary(heads.size, default: 1000))]),
            feedForward: .init(
                size: try reader.size("feed_forward_length"), activation: isPlain ? .gelu : .silu,
                gate: isPlain ? nil : .first,
                hasBias: isPlain, outputHasBias: isPlain, experts: experts))
        var layout = BertTensors.ggufLayout
        layout.projections = ["attn_qkv"]
        layout.up = isPlain ? ["ffn_up"] : ["ffn_gate", "ffn_up"]
        layout.experts = .init(
            router: "ffn_gate_inp", up: "ffn_up_exps.weight", down: "ffn_down_exps.weight", bias: nil,
            downIsTurned: false)
        return .init(description: description, layouts: [layout])
    }
}
