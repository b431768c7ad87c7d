internal import MartletCompute
internal import MartletJSON

/// DistilBERT (Sanh et al. 2019): BERT without token types, under names of its own.
enum DistilBert {
    static let family = Family(
        modelTypes: ["distilbert"],
        harmless: [
            "tie_weights_", "sinusoidal_pos_embds", "output_past", "layer_norm_eps", "hidden_act",
            "type_vocab_size",
        ],
        fromFolder: blueprint,
        classifier: { _, hidden in
            .init(
                .first,
                [
                    .linear(.init("pre_classifier", outputs: hidden, activation: .relu)),
                    .linear(.init("classifier")),
                ])
        },
        maskedLM: MaskedLMNames(
            dense: "vocab_transform", norm: "vocab_layer_norm", decoder: "vocab_projector",
            biases: ["vocab_projector.bias"], activation: "activation", epsilon: ""))

    static func blueprint(_ reader: ConfigurationReader) throws(ModelError) -> ArchitectureRegistry.Blueprint
    {
        // Of two spellings the general one counts in transformers, which sets it after the other.
        // Sinusoids, where a model has them, lie in the checkpoint as any table of positions does.
        let (hidden, heads) = (
            try reader.size("hidden_size", "dim"), try reader.size("num_attention_heads", "n_heads")
        )
        let positions = try reader.size("max_position_embeddings", default: 512)
        let description = TransformerDescription(
            architecture: "distilbert", vocabularySize: try reader.size("vocab_size"), hiddenSize: hidden,
            layers: try reader.size("num_hidden_layers", "n_layers"), maxPositions: positions,
            norm: .init(epsilon: 1e-12),
            embeddings: .init(size: hidden, positions: .init(rows: positions)),
            attention: .init(heads: heads, headSize: try reader.headSize(hidden: hidden, heads: heads)),
            feedForward: .init(
                size: try reader.size("hidden_dim"),
                activation: try reader.activation("activation", default: "gelu")))
        return .init(description: description, layouts: [layout])
    }

    static let layout = TensorLayout(
        prefixes: ["", "distilbert.", "0.auto_model."], words: "embeddings.word_embeddings",
        positions: "embeddings.position_embeddings",
        embeddingNorm: "embeddings.LayerNorm", layer: "transformer.layer.#.",
        projections: ["attention.q_lin", "attention.k_lin", "attention.v_lin"],
        attentionOutput: "attention.out_lin",
        afterAttention: "sa_layer_norm", up: ["ffn.lin1"], down: "ffn.lin2",
        afterFeedForward: "output_layer_norm")
}
