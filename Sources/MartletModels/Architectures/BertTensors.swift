/// A BERT's tensors by their transformers names, and by those of llama.cpp.
package enum BertTensors {
    /// transformers' `BertModel`, alone or inside a model with a head.
    package static let layout = TensorLayout(
        prefixes: ["", "bert.", "model.", "encoder.", "0.auto_model."], words: "embeddings.word_embeddings",
        positions: "embeddings.position_embeddings", types: "embeddings.token_type_embeddings", embeddingNorm: "embeddings.LayerNorm",
        layer: "encoder.layer.#.", projections: ["query", "key", "value"].map { "attention.self." + $0 },
        attentionOutput: "attention.output.dense", afterAttention: "attention.output.LayerNorm", up: ["intermediate.dense"],
        down: "output.dense", afterFeedForward: "output.LayerNorm")

    /// The same tensors in a GGUF file.
    package static let ggufLayout = TensorLayout(
        prefixes: [""], words: "token_embd", positions: "position_embd", types: "token_types", embeddingNorm: "token_embd_norm",
        layer: "blk.#.", projections: ["attn_q", "attn_k", "attn_v"], attentionOutput: "attn_output", afterAttention: "attn_output_norm",
        up: ["ffn_up"], down: "ffn_down", afterFeedForward: "layer_output_norm")

    /// Every tensor of an encoder with this many layers, by its transformers name.
    package static func names(layers: Int) -> [String] {
        (outside + (0..<layers).flatMap(inside)).map(\.transformers)
    }

    /// The name that llama.cpp gives to a tensor of transformers' `BertModel`.
    package static func ggufName(_ name: String) -> String {
        let layer = name.split(separator: ".").compactMap { Int($0) }.first
        return (layer.map(inside) ?? outside).first { $0.transformers == name }?.gguf ?? name
    }

    private typealias Names = (transformers: String, gguf: String)

    private static var outside: [Names] {
        func tables(_ layout: TensorLayout) -> [String] { [layout.words, layout.positions, layout.types].compactMap { $0 } }
        return zip(tables(layout), tables(ggufLayout)).map { ($0 + ".weight", $1 + ".weight") }
            + parameters([(layout.embeddingNorm ?? "", ggufLayout.embeddingNorm ?? "")])
    }

    private static func inside(layer: Int) -> [Names] {
        func parts(_ layout: TensorLayout) -> [String] {
            let parts = layout.projections + [layout.attentionOutput, layout.afterAttention ?? ""] + layout.up + [layout.down]
            return (parts + [layout.afterFeedForward ?? ""]).map { layout.layer(layer, $0) }
        }
        return parameters(zip(parts(layout), parts(ggufLayout)).sorted { $0.0 < $1.0 })
    }

    private static func parameters(_ names: [Names]) -> [Names] {
        names.flatMap { [($0 + ".weight", $1 + ".weight"), ($0 + ".bias", $1 + ".bias")] }
    }
}
