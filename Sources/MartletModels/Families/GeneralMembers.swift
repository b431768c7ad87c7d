/// Members of config.json that no family's reader asks for, with the reason why each may stand there. What
/// neither a reader asks for nor this list has is refused by name.
package enum GeneralMembers {
    package struct Row: Sendable {
        package let reason: String
        package let names: [String]
    }

    package static let rows: [Row] = [
        Row(
            reason: "chooses the family, its class and its tokenizer",
            names: ["model_type", "architectures", "auto_map", "tokenizer_class"]),
        Row(
            reason: "no effect: says where the configuration is from",
            names: [
                "_name_or_path", "name_or_path", "_commit_hash", "transformers_version", "model_type",
                "architectures", "auto_map",
                "model_name",
                "processor_class", "processor_auto_map", "license", "license_link", "license_name",
                "_attn_implementation_autoset", "adapter_transformers", "__version__",
                "sentence_transformers_version",
            ]),
        Row(
            reason: "is read with the model's head, labels or adapters",
            names: [
                "id2label", "label2id", "num_labels", "problem_type", "sentence_transformers",
                "sbert_ce_default_activation_function",
                "classifier_pooling", "classifier_bias", "classifier_activation", "clf_pooling", "use_pooler",
                "tie_word_embeddings",
                "lora_adaptations", "lora_alpha", "lora_rank", "lora_dropout_p", "lora_main_params_trainable",
                "task_instructions",
                "lora_prompts", "matryoshka_dimensions", "truncate_dim", "emb_pooler", "summary_activation",
                "summary_last_dropout",
                "summary_type", "summary_use_proj", "mlm_head", "add_pooling_layer", "decoder_bias",
                "sparse_prediction",
                "sparse_pred_ignore_index", "pooler_hidden_size", "pooler_hidden_act", "pooler_dropout",
            ]),
        Row(
            reason: "is read with the weights, or refused by value",
            names: ["quantization_config", "compression_config", "quantization"]),
        Row(
            reason: "no effect: is for training",
            names: [
                "attention_probs_dropout_prob", "hidden_dropout_prob", "attention_dropout", "attn_pdrop",
                "resid_pdrop", "embd_pdrop",
                "dropout", "hidden_dropout", "attn_dropout", "embedding_dropout", "embed_dropout",
                "mlp_dropout", "classifier_dropout",
                "classifier_dropout_prob", "seq_classif_dropout", "qa_dropout", "initializer_range",
                "initializer_factor", "init_std",
                "initializer_cutoff_factor", "gradient_checkpointing", "layerdrop", "router_aux_loss_coef",
                "moe_aux_loss_coef",
                "moe_loss_weight", "moe_resid_pdrop", "router_jitter_noise", "pretraining_tp",
                "use_flash_attn_triton_bwd",
                "seq_classif_drop",
                "fused_dropout_add_ln", "fused_bias_fc", "use_xentropy", "last_layer_subset",
                "deterministic_flash_attn",
                "repad_logits_with_grad",
                "mask_token_prob", "loss_reduction", "z_loss_coefficient", "finetuning_task",
                "reorder_and_upcast_attn",
            ]),
        Row(
            reason: "no effect: chooses an implementation or a precision",
            names: [
                "torch_dtype", "dtype", "use_cache", "use_flash_attn", "use_flash_attention",
                "use_memory_efficient_attention",
                "unpad_inputs", "_attn_implementation", "attn_implementation", "_experts_implementation",
                "reference_compile",
                "compile_mode", "fused_mlp", "memory_efficient", "use_bfloat16", "torchscript",
                "tf_legacy_loss", "use_reentrant",
                "output_attentions", "output_hidden_states", "return_dict", "use_return_dict",
                "pad_vocab_size_multiple_of",
                "pad_vocab_size_multiple",
                "pad_vocab_to_multiple_of", "chunk_size_feed_forward", "mlp_checkpoint_lvl", "flash_attn",
                "use_fused_mlp",
                "use_rotary_flash",
                "logits_to_keep", "scale_attn_weights", "mlp_fc2_quant", "load_trained_adapters",
                "use_qkv_fusion",
            ]),
        Row(
            reason: "no effect: is for generating text, or for a decoder beside the encoder",
            names: [
                "bos_token_id", "eos_token_id", "pad_token_id", "sep_token_id", "cls_token_id",
                "mask_token_id", "unk_token_id",
                "decoder_start_token_id", "forced_bos_token_id", "forced_eos_token_id", "max_length",
                "min_length", "do_sample",
                "early_stopping", "num_beams", "num_beam_groups", "diversity_penalty", "temperature", "top_k",
                "top_p", "typical_p",
                "repetition_penalty", "length_penalty", "no_repeat_ngram_size",
                "encoder_no_repeat_ngram_size", "bad_words_ids",
                "num_return_sequences", "output_scores", "return_dict_in_generate", "remove_invalid_values",
                "exponential_decay_length_penalty", "suppress_tokens", "begin_suppress_tokens", "prefix",
                "task_specific_params",
                "cross_attention_hidden_size", "tie_encoder_decoder", "is_encoder_decoder",
                "add_cross_attention", "cache_implementation",
                "final_logit_softcapping", "generation_config", "output_past", "decoder_layers",
                "num_decoder_layers", "use_mrope",
                "vocab_size_per_layer_input", "max_new_tokens", "bos_token", "eos_token",
                "output_router_logits", "is_decoder",
            ]),
    ]

    private static let names = Set(rows.flatMap(\.names))

    static func contains(_ name: String) -> Bool { names.contains(name) }
}
