internal import MartletCompute
internal import MartletJSON
internal import MartletSystem
package import MartletWeights

/// How an encoder of a model folder is written as GGUF: under which architecture, with which metadata, and
/// what its tensors are called.
///
/// A form is taken only if reading it back gives the description that the folder gave.
package struct GGUFForm: Sendable {
    package let architecture: String
    /// Without the architecture's name that precedes each key, in the order that they are written.
    package let metadata: [(key: String, value: GGUFWriter.Value)]
    /// Every tensor that there is, by its name in the folder and by llama.cpp's.
    package let names: [(source: String, gguf: String)]
    /// By llama.cpp's name how many of a tensor's first rows are not written.
    package let droppedRows: [String: Int]

    package init(_ d: TransformerDescription, _ checkpoint: Checkpoint) throws(ModelError) {
        let found = ArchitectureRegistry.ggufForms(d).first { form in
            form.description == d && form.layout.projections.count == checkpoint.layout.projections.count
                && form.layout.up.count == checkpoint.layout.up.count
        }
        guard let found else {
            throw ModelError(
                .unsupported,
                "\(checkpoint.file): an encoder of the form \(d.architecture.quotedForMessage) with these options cannot be written as GGUF; "
                    + "BERT, DistilBERT, RoBERTa and XLM-RoBERTa, nomic_bert without experts, Jina's BERT with GeGLU, Qwen 2 and 3, EuroBERT and "
                    + "ModernBERT can",
                file: checkpoint.file)
        }
        architecture = found.name
        var values: [(key: String, value: GGUFWriter.Value)] = [
            ("block_count", d.layers), ("context_length", d.maxPositions), ("embedding_length", d.hiddenSize),
            ("feed_forward_length", d.feedForward.size), ("attention.head_count", d.attention.heads),
        ].map { ($0, .uint32(UInt32($1))) }
        values.append(
            (
                d.norm.isRMS ? "attention.layer_norm_rms_epsilon" : "attention.layer_norm_epsilon",
                .float32(d.norm.epsilon)
            ))
        values.append(("attention.causal", .bool(d.attention.isCausal)))
        if let rotary = d.attention.spans[0].rotary {
            values.append(("rope.freq_base", .float32(Float(Self.base(of: rotary)))))
        }
        metadata = values + found.metadata
        names = Self.names(checkpoint, d.layers, found.layout)
        droppedRows = d.embeddings.positions?.padding.map { ["position_embd.weight": $0 + 1] } ?? [:]
    }

    /// A description as GGUF can give it.
    struct Form {
        let name: String
        let description: TransformerDescription
        let layout: TensorLayout
        var metadata: [(key: String, value: GGUFWriter.Value)] = []
    }

    /// What `BertConfiguration` reads.
    static func bert(_ d: TransformerDescription) -> Form? {
        // Rows up to that of the padding id are not written.
        let padding = d.embeddings.positions?.padding
        let positions = TransformerDescription.PositionTable(
            rows: d.maxPositions + (padding.map { $0 + 1 } ?? 0), padding: padding)
        let expected = TransformerDescription(
            architecture: d.architecture, vocabularySize: d.vocabularySize, hiddenSize: d.hiddenSize,
            layers: d.layers,
            maxPositions: d.maxPositions, norm: .init(epsilon: d.norm.epsilon),
            embeddings: .init(size: d.hiddenSize, positions: positions, types: d.embeddings.types),
            attention: .init(heads: d.attention.heads, headSize: d.attention.headSize),
            feedForward: .init(size: d.feedForward.size, activation: d.feedForward.activation))
        return Form(name: "bert", description: expected, layout: BertTensors.ggufLayout)
    }

    /// What `NomicBert` reads of nomic-bert.
    static func nomic(_ d: TransformerDescription) -> Form? {
        guard let rotary = d.attention.spans[0].rotary, 2 * rotary.frequencies.count == d.attention.headSize
        else { return nil }
        let expected = TransformerDescription(
            architecture: d.architecture, vocabularySize: d.vocabularySize, hiddenSize: d.hiddenSize,
            layers: d.layers,
            maxPositions: d.maxPositions, norm: .init(epsilon: d.norm.epsilon),
            embeddings: .init(size: d.hiddenSize, types: d.embeddings.types),
            attention: .init(
                heads: d.attention.heads, headSize: d.attention.headSize, hasBias: d.attention.hasBias,
                outputHasBias: d.attention.hasBias,
                spans: [.init(rotary: Rotary(base: base(of: rotary), dimensions: d.attention.headSize))]),
            feedForward: .init(
                size: d.feedForward.size, activation: .silu, gate: .first, hasBias: false,
                outputHasBias: false))
        var layout = BertTensors.ggufLayout
        layout.projections = ["attn_qkv"]
        layout.up = ["ffn_gate", "ffn_up"]
        return Form(name: "nomic-bert", description: expected, layout: layout)
    }

    /// What `JinaBert` reads of jina-bert-v2.
    static func jina(_ d: TransformerDescription) -> Form? {
        guard d.attention.distanceBias != nil, d.attention.heads <= 1024 else { return nil }
        var attention = TransformerDescription.Attention(
            heads: d.attention.heads, headSize: d.attention.headSize)
        attention.distanceBias = .slopes(JinaBert.slopes(d.attention.heads))
        let expected = TransformerDescription(
            architecture: d.architecture, vocabularySize: d.vocabularySize, hiddenSize: d.hiddenSize,
            layers: d.layers,
            maxPositions: d.maxPositions, norm: .init(epsilon: d.norm.epsilon),
            embeddings: .init(size: d.hiddenSize, types: d.embeddings.types), attention: attention,
            feedForward: .init(size: d.feedForward.size, activation: .gelu, gate: .first, hasBias: false))
        return Form(name: "jina-bert-v2", description: expected, layout: BertTensors.ggufLayout)
    }

    /// Bases are whole numbers, most of them round; a rotation by another one is not equal to what is made of
    /// this.
    static func base(of rotary: Rotary) -> Double {
        guard rotary.frequencies.count > 1, rotary.frequencies[1] > 0 else { return 10_000 }
        let estimate = pow(1 / Double(rotary.frequencies[1]), Double(rotary.frequencies.count))
        let round =
            [1e6, 1e4, 1e3, 1e2].map { (estimate / $0).rounded() * $0 }
            + (-8...8).map { estimate.rounded() + Double($0) }
        let found = round.first {
            $0 > 1 && Rotary(base: $0, dimensions: 2 * rotary.frequencies.count) == rotary
        }
        return found ?? estimate.rounded()
    }

    /// The tables and their norm, then layer by layer in the alphabet's order.
    private static func names(_ checkpoint: Checkpoint, _ layers: Int, _ target: TensorLayout) -> [(
        source: String, gguf: String
    )] {
        let source = checkpoint.layout
        func tables(_ layout: TensorLayout) -> [String?] {
            [layout.words, layout.positions, layout.types, layout.embeddingNorm, layout.finalNorm]
        }
        func parts(_ layout: TensorLayout) -> [String?] {
            let norms = [
                layout.queryNorm, layout.keyNorm, layout.attentionOutput, layout.afterAttention,
                layout.beforeFeedForward,
            ]
            return [layout.beforeAttention] + layout.projections + norms + layout.up + [
                layout.down, layout.afterFeedForward,
            ]
        }
        var pairs: [(String, String)] = zip(tables(source), tables(target)).compactMap { a, b in
            a.flatMap { a in b.map { (a, $0) } }
        }
        for layer in 0..<layers {
            let inside = zip(parts(source), parts(target)).compactMap { a, b in
                a.flatMap { a in b.map { (a, $0) } }
            }
            pairs += inside.map { (source.layer(layer, $0), target.layer(layer, $1)) }.sorted { $0.0 < $1.0 }
        }
        return pairs.flatMap { pair in [".weight", ".bias"].map { (pair.0 + $0, pair.1 + $0) } }.filter {
            checkpoint.has($0.0)
        }
    }
}
