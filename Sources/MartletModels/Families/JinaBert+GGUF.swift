internal import MartletCompute
internal import MartletWeights

extension JinaBert {
    /// As llama.cpp writes it: jina-bert-v2, with the gated matrix whole or as two.
    static func blueprint(_ gguf: GGUFFile, file: String) throws(ModelError) -> ArchitectureRegistry.Blueprint
    {
        let reader = MetadataReader(gguf, file: file)
        try reader.requireBothDirections()
        let hidden = try reader.size("embedding_length")
        let heads = try reader.heads(hidden: hidden)
        guard !gguf.has("blk.0.attn_q_norm.weight") else {
            throw reader.unsupported("jina-bert-v2 with norms of queries and keys is not supported")
        }
        guard heads.queries <= 1024 else {
            throw reader.invalid("\(heads.queries) attention heads are more than any model has")
        }
        var attention = TransformerDescription.Attention(heads: heads.queries, headSize: heads.size)
        attention.distanceBias = .slopes(slopes(heads.queries))
        let description = TransformerDescription(
            architecture: reader.architecture, vocabularySize: try reader.vocabulary(), hiddenSize: hidden,
            layers: try reader.layers(), maxPositions: try reader.size("context_length"),
            norm: .init(epsilon: try reader.epsilon("attention.layer_norm_epsilon")),
            embeddings: .init(size: hidden, types: try reader.rows("token_types.weight")),
            attention: attention,
            feedForward: .init(
                size: try reader.size("feed_forward_length"), activation: .gelu, gate: .first, hasBias: false)
        )
        var layout = BertTensors.ggufLayout
        layout.up = gguf.has("blk.0.ffn_gate.weight") ? ["ffn_gate", "ffn_up"] : ["ffn_up"]
        return .init(description: description, layouts: [layout])
    }
}
