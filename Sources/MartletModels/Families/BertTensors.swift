/// A BERT's tensors by their transformers names, and by those of llama.cpp.
package enum BertTensors {
    /// transformers' `BertModel`, alone or inside a model with a head.
    package static let layout = TensorLayout(
        prefixes: ["", "bert.", "model.", "encoder.", "0.auto_model."], words: "embeddings.word_embeddings",
        positions: "embeddings.position_embeddings", types: "embeddings.token_type_embeddings",
        embeddingNorm: "embeddings.LayerNorm",
        layer: "encoder.layer.#.", projections: ["query", "key", "value"].map { "attention.self." + $0 },
        attentionOutput: "attention.output.dense", afterAttention: "attention.output.LayerNorm",
        up: ["intermediate.dense"],
        down: "output.dense", afterFeedForward: "output.LayerNorm")

    /// The same tensors in a GGUF file.
    package static let ggufLayout = TensorLayout(
        prefixes: [""], words: "token_embd", positions: "position_embd", types: "token_types",
        embeddingNorm: "token_embd_norm",
        layer: "blk.#.", projections: ["attn_q", "attn_k", "attn_v"], attentionOutput: "attn_output",
        afterAttention: "attn_output_norm",
        up: ["ffn_up"], down: "ffn_down", afterFeedForward: "layer_output_norm")
}
