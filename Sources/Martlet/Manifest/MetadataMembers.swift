internal import MartletJSON
internal import MartletWeights

/// What is done with each key of a GGUF file's metadata. A key of the architecture, of the tokenizer or of
/// Martlet that is in no list is refused by name; keys of other programs have no effect.
enum MetadataMembers {
    static let tables = [architecture, tokenizer, own]

    static let architecture = ConfigurationMembers.Table(
        "GGUF, `ARCHITECTURE.`",
        honoured: [
            "context_length", "embedding_length", "block_count", "feed_forward_length",
            "attention.head_count", "attention.head_count_kv", "attention.key_length",
            "attention.layer_norm_epsilon", "attention.layer_norm_rms_epsilon", "attention.causal",
            "attention.sliding_window_pattern", "attention.scale", "pooling_type", "rope.dimension_count",
            "rope.freq_base", "rope.freq_base_swa", "hidden_activation", "moe_every_n_layers",
            "expert_count", "expert_used_count", "classifier.output_labels", "classifier.pooling_type",
        ],
        checked: [
            "attention.sliding_window", "attention.value_length", "attention.max_alibi_bias",
            "attention.clamp_kqv", "attn_logit_softcapping", "rope.scaling.type", "rope.scaling.factor",
            "rope.scale_linear", "rope.scaling.attn_factor", "expert_weights_norm", "expert_gating_func",
            "expert_shared_count", "use_parallel_residual",
        ],
        harmless: [
            "vocab_size", "tensor_data_layout", "final_logit_softcapping", "dense_2_feat_in",
            "dense_2_feat_out", "dense_3_feat_in", "dense_3_feat_out", "rope.scaling.original_context_length",
            "rope.scaling.finetuned", "embedding_length_out",
        ])

    static let tokenizer = ConfigurationMembers.Table(
        "GGUF, `tokenizer.`",
        honoured: [
            "ggml.model", "ggml.pre", "ggml.tokens", "ggml.token_type", "ggml.scores", "ggml.merges",
            "ggml.bos_token_id", "ggml.eos_token_id", "ggml.unknown_token_id", "ggml.seperator_token_id",
            "ggml.padding_token_id", "ggml.cls_token_id", "ggml.mask_token_id", "ggml.add_bos_token",
            "ggml.add_eos_token", "ggml.add_space_prefix", "ggml.remove_extra_whitespaces",
            "ggml.precompiled_charsmap", "ggml.normalizer.lowercase", "ggml.normalizer.strip_accents",
            "chat_template.rerank",
        ],
        harmless: [
            "ggml.token_type_count", "ggml.add_sep_token", "ggml.eot_token_id", "ggml.eom_token_id",
            "ggml.prefix_token_id", "ggml.suffix_token_id", "ggml.middle_token_id", "ggml.fim_pre_token_id",
            "ggml.fim_suf_token_id", "ggml.fim_mid_token_id", "ggml.fim_pad_token_id",
            "ggml.fim_rep_token_id", "ggml.fim_sep_token_id", "ggml.eos_token_ids", "chat_template",
            "chat_templates", "huggingface.json", "rwkv.world",
        ])

    static let own = ConfigurationMembers.Table(
        "GGUF, `martlet.`",
        honoured: [
            "hidden_act", "int8.smoothing", "pooling", "pooling.include_prompt", "stages", "max_tokens",
            "lowercase", "prompts", "default_prompt_name", "similarity", "default_dimensions",
            "tokenizer.lowercase", "tokenizer.strip_accents", "tokenizer.space_chinese",
            "tokenizer.truncates_start", "stage", "position_padding", "position_padding.row",
        ])

    /// Architectures whose layers may see a window only.
    private static let windowed = ["modern-bert", "gemma-embedding"]

    static func check(_ metadata: GGUFMetadata, architecture name: String, file: String)
        throws(MartletError)
    {
        for key in metadata.keys {
            let found: (table: ConfigurationMembers.Table, prefix: String)? =
                key.hasPrefix(name + ".")
                ? (architecture, name + ".")
                : key.hasPrefix("tokenizer.")
                    ? (tokenizer, "tokenizer.") : key.hasPrefix("martlet.") ? (own, "martlet.") : nil
            guard let found else { continue }
            var member = String(key.dropFirst(found.prefix.count))
            // Keys of each stage, and templates by their names.
            if member.hasPrefix("stage.") { member = "stage" }
            if member.hasPrefix("chat_template."), member != "chat_template.rerank" {
                member = "chat_template"
            }
            guard found.table.members.contains(where: { $0.name == member }) else {
                throw .unsupported(
                    file,
                    "metadata \(key.quotedForMessage) is not known and may change the numbers; remove it if it has no effect"
                )
            }
        }
        try checkValues(metadata, name, file)
    }

    /// Values that ask for what is not computed.
    private static func checkValues(_ metadata: GGUFMetadata, _ name: String, _ file: String)
        throws(MartletError)
    {
        func refuse(_ key: String, _ wanted: String) -> MartletError {
            .unsupported(file, "metadata \"\(name).\(key)\" is not \(wanted), which is not supported")
        }
        func number(_ key: String) -> Double? { metadata.double("\(name).\(key)") }
        for (key, only) in [
            ("attention.clamp_kqv", 0.0), ("attn_logit_softcapping", 0), ("rope.scaling.attn_factor", 1),
            ("attention.max_alibi_bias", name == "jina-bert-v2" ? 8 : 0), ("expert_gating_func", 1),
            ("expert_shared_count", 0),
        ] {
            guard let value = number(key), value != only else { continue }
            throw refuse(key, "\(only)")
        }
        for key in ["expert_weights_norm", "use_parallel_residual"]
        where metadata.bool("\(name).\(key)") == true { throw refuse(key, "false") }
        if let value = number("attention.value_length"), let length = number("attention.key_length"),
            value != length
        {
            throw refuse("attention.value_length", "attention.key_length")
        }
        if !windowed.contains(name), let window = number("attention.sliding_window"), window > 0,
            window < number("context_length") ?? 0
        {
            throw refuse("attention.sliding_window", "at least context_length")
        }
    }
}
