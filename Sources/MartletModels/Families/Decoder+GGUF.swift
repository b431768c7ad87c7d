internal import MartletCompute
internal import MartletWeights

extension Decoder {
    /// As llama.cpp writes them: qwen2, qwen3 and eurobert; llama, which Mistral is written as, with the rows
    /// of each head in turn.
    static func blueprint(_ gguf: GGUFFile, file: String) throws(ModelError) -> ArchitectureRegistry.Blueprint
    {
        let reader = MetadataReader(gguf, file: file)
        let (type, hidden) = (reader.architecture, try reader.size("embedding_length"))
        let heads = try reader.heads(hidden: hidden)
        let hasBias = gguf.has("blk.0.attn_q.bias")
        let hasOutputBias = gguf.has("blk.0.attn_output.bias")
        guard !gguf.has("rope_freqs.weight") else {
            throw reader.unsupported(
                "tensor rope_freqs.weight scales rotary positions, which is not supported")
        }
        let description = TransformerDescription(
            architecture: type, vocabularySize: try reader.vocabulary(), hiddenSize: hidden,
            layers: try reader.layers(),
            maxPositions: try reader.size("context_length"),
            norm: .init(epsilon: try reader.epsilon("attention.layer_norm_rms_epsilon"), isRMS: true),
            residual: .preNorm,
            embeddings: .init(size: hidden, hasNorm: false),
            attention: .init(
                heads: heads.queries, keyValueHeads: heads.keys, headSize: heads.size, hasBias: hasBias,
                outputHasBias: hasOutputBias,
                normalisesHeads: type == "qwen3",
                isCausal: try reader.flag("attention.causal", default: type != "eurobert"),
                spans: [.init(rotary: try reader.rotary(heads.size))]),
            feedForward: .init(
                size: try reader.size("feed_forward_length"), activation: .silu, gate: .first, hasBias: false,
                outputHasBias: false))
        var layout = TensorLayout.ggufPreNorm
        layout.weavesHeads = type == "llama"
        guard !layout.weavesHeads || reader.rotatesWhole(heads.size) else {
            throw reader.unsupported("llama with positions in a part of each head is not supported")
        }
        return .init(description: description, layouts: [layout])
    }
}

extension Gemma3 {
    /// As llama.cpp writes it: gemma-embedding, whose norms hold their whole weights.
    static func blueprint(_ gguf: GGUFFile, file: String) throws(ModelError) -> ArchitectureRegistry.Blueprint
    {
        let reader = MetadataReader(gguf, file: file)
        try reader.requireBothDirections()
        let (hidden, layers) = (try reader.size("embedding_length"), try reader.layers())
        let heads = try reader.heads(hidden: hidden)
        let isSliding = try reader.slidingLayers(layers, pattern: 6, fullIsFirst: false)
        let global = try reader.rotary(heads.size, default: 1_000_000)
        let local = try reader.rotary(heads.size, baseKey: "rope.freq_base_swa")
        let reach = try reader.size("attention.sliding_window") / 2
        let scale = try reader.number("attention.scale", default: 1 / Double(heads.size).squareRoot())
        let description = TransformerDescription(
            architecture: reader.architecture, vocabularySize: try reader.vocabulary(), hiddenSize: hidden,
            layers: layers,
            maxPositions: try reader.size("context_length"),
            norm: .init(epsilon: try reader.epsilon("attention.layer_norm_rms_epsilon"), isRMS: true),
            residual: .sandwich,
            embeddings: .init(size: hidden, hasNorm: false, scale: Float(hidden).squareRoot()),
            attention: .init(
                heads: heads.queries, keyValueHeads: heads.keys, headSize: heads.size, scale: Float(scale),
                hasBias: false,
                outputHasBias: false, normalisesHeads: true,
                spans: [.init(rotary: global), .init(reach: reach, rotary: local)],
                spanOfLayer: isSliding.map { $0 ? 1 : 0 }),
            feedForward: .init(
                size: try reader.size("feed_forward_length"), activation: .geluTanh, gate: .first,
                hasBias: false, outputHasBias: false))
        var layout = TensorLayout.ggufPreNorm
        layout.afterAttention = "post_attention_norm"
        layout.afterFeedForward = "post_ffw_norm"
        return .init(description: description, layouts: [layout])
    }
}
