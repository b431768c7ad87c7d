package import MartletJSON

/// Configurations of encoders that other models' configurations name and do not repeat.
package enum PublishedConfigurations {
    /// What config.json of a repository of the Hugging Face Hub says, where it is known.
    package static func named(_ repository: String) -> JSONValue? {
        guard repository == "nomic-ai/nomic-bert-2048" else { return nil }
        // BERT base with rotary positions of base 1000 and a vocabulary of a multiple of 64. Source: Nussbaum
        // et al. 2024 and contrastors.
        return .object([
            "model_type": .string("nomic_bert"), "vocab_size": .integer(30528), "n_embd": .integer(768),
            "n_head": .integer(12), "n_layer": .integer(12), "n_inner": .integer(3072),
            "n_positions": .integer(2048), "type_vocab_size": .integer(2),
            "activation_function": .string("swiglu"), "layer_norm_epsilon": .number(1e-12),
            "rotary_emb_base": .integer(1000), "rotary_emb_fraction": .number(1),
            "qkv_proj_bias": .bool(false), "mlp_fc1_bias": .bool(false), "mlp_fc2_bias": .bool(false),
        ])
    }
}
