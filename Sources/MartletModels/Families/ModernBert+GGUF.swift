internal import MartletCompute
internal import MartletWeights

extension ModernBert {
    /// As llama.cpp writes it: modern-bert.
    static func blueprint(_ gguf: GGUFFile, file: String) throws(ModelError) -> ArchitectureRegistry.Blueprint
    {
        let reader = MetadataReader(gguf, file: file)
        try reader.requireBothDirections()
        let (hidden, layers) = (try reader.size("embedding_length"), try reader.layers())
        let heads = try reader.heads(hidden: hidden)
        let isLocal = try reader.slidingLayers(layers, pattern: 3, fullIsFirst: true)
        let global = try reader.rotary(heads.size, default: 160_000)
        let local = try reader.rotary(heads.size, baseKey: "rope.freq_base_swa")
        let hasWindow = reader.has("attention.sliding_window")
        let reach = hasWindow ? try reader.size("attention.sliding_window") / 2 : nil
        let description = TransformerDescription(
            architecture: reader.architecture, vocabularySize: try reader.vocabulary(), hiddenSize: hidden,
            layers: layers,
            maxPositions: try reader.size("context_length"),
            norm: .init(epsilon: try reader.epsilon("attention.layer_norm_epsilon"), hasBias: false),
            residual: .preNorm,
            embeddings: .init(size: hidden, feedsFirstLayer: true),
            attention: .init(
                heads: heads.queries, headSize: heads.size, hasBias: false, outputHasBias: false,
                spans: [.init(rotary: global), .init(reach: reach, rotary: hasWindow ? local : global)],
                spanOfLayer: isLocal.map { $0 ? 1 : 0 }),
            feedForward: .init(
                size: try reader.size("feed_forward_length"),
                activation: try reader.activation(default: .gelu), gate: .first,
                hasBias: false, outputHasBias: false))
        var layout = TensorLayout.ggufPreNorm
        layout.embeddingNorm = "token_embd_norm"
        layout.projections = ["attn_qkv"]
        layout.up = ["ffn_up"]
        return .init(description: description, layouts: [layout])
    }
}
