internal import MartletCompute
internal import MartletWeights

extension GGUFForm {
    /// What `Decoder` reads of qwen2, qwen3 and eurobert.
    static func decoder(_ d: TransformerDescription) -> Form? {
        guard ["qwen2", "qwen3", "eurobert"].contains(d.architecture),
            let rotary = d.attention.spans[0].rotary
        else { return nil }
        let dimensions = 2 * rotary.frequencies.count
        // A window that no layer has is none.
        guard d.attention.spanOfLayer.allSatisfy({ $0 == 0 }),
            d.attention.spans[0] == .init(rotary: Rotary(base: base(of: rotary), dimensions: dimensions))
        else { return nil }
        let expected = TransformerDescription(
            architecture: d.architecture, vocabularySize: d.vocabularySize, hiddenSize: d.hiddenSize,
            layers: d.layers,
            maxPositions: d.maxPositions, norm: .init(epsilon: d.norm.epsilon, isRMS: true),
            residual: .preNorm,
            embeddings: .init(size: d.hiddenSize, hasNorm: false),
            attention: .init(
                heads: d.attention.heads, keyValueHeads: d.attention.keyValueHeads,
                headSize: d.attention.headSize,
                hasBias: d.attention.hasBias, outputHasBias: d.attention.outputHasBias,
                normalisesHeads: d.architecture == "qwen3",
                isCausal: d.attention.isCausal, spans: d.attention.spans, spanOfLayer: d.attention.spanOfLayer
            ),
            feedForward: .init(
                size: d.feedForward.size, activation: .silu, gate: .first, hasBias: false,
                outputHasBias: false))
        return Form(
            name: d.architecture, description: expected, layout: .ggufPreNorm,
            metadata: [
                ("attention.head_count_kv", number(d.attention.keyHeads)),
                ("attention.key_length", number(d.attention.headSize)),
                ("attention.value_length", number(d.attention.headSize)),
                ("rope.dimension_count", number(dimensions)),
            ])
    }

    /// What `ModernBert` reads of modern-bert.
    static func modern(_ d: TransformerDescription) -> Form? {
        let spans = d.attention.spans
        guard d.architecture == "modernbert", spans.count == 2, let global = spans[0].rotary,
            let local = spans[1].rotary,
            let reach = spans[1].reach, !d.attention.spanOfLayer.isEmpty,
            2 * global.frequencies.count == d.attention.headSize
        else { return nil }
        let pattern = d.attention.spanOfLayer.dropFirst().firstIndex(of: 0) ?? d.layers
        func rotary(_ rotary: Rotary) -> Rotary {
            Rotary(base: base(of: rotary), dimensions: d.attention.headSize)
        }
        let expected = TransformerDescription(
            architecture: d.architecture, vocabularySize: d.vocabularySize, hiddenSize: d.hiddenSize,
            layers: d.layers,
            maxPositions: d.maxPositions, norm: .init(epsilon: d.norm.epsilon, hasBias: false),
            residual: .preNorm,
            embeddings: .init(size: d.hiddenSize, feedsFirstLayer: true),
            attention: .init(
                heads: d.attention.heads, headSize: d.attention.headSize, hasBias: false,
                outputHasBias: false,
                spans: [.init(rotary: rotary(global)), .init(reach: reach, rotary: rotary(local))],
                spanOfLayer: (0..<d.layers).map { $0 % pattern == 0 ? 0 : 1 }),
            feedForward: .init(
                size: d.feedForward.size, activation: d.feedForward.activation, gate: .first, hasBias: false,
                outputHasBias: false))
        var layout = TensorLayout.ggufPreNorm
        layout.embeddingNorm = "token_embd_norm"
        layout.projections = ["attn_qkv"]
        layout.up = ["ffn_up"]
        var metadata: [(key: String, value: GGUFWriter.Value)] = [
            ("rope.freq_base_swa", .float32(Float(base(of: local)))),
            ("attention.sliding_window", number(2 * reach)),
            ("attention.sliding_window_pattern", number(pattern)),
        ]
        if d.feedForward.activation != .gelu {
            metadata.append(("hidden_activation", .string(d.feedForward.activation.rawValue)))
        }
        return Form(name: "modern-bert", description: expected, layout: layout, metadata: metadata)
    }

    private static func number(_ value: Int) -> GGUFWriter.Value { .uint32(UInt32(clamping: value)) }
}
