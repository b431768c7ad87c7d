internal import MartletModels
internal import MartletJSON

/// What is done with each member of the configuration files that sentence-transformers and transformers write
/// around an encoder. A member that is in no list is refused by name; config.json's members are each
/// family's, see `GeneralMembers`.
package enum ConfigurationMembers {
    /// What is done with a member.
    package enum Use: String, Sendable {
        case honoured
        /// Honoured in the values that are supported; another value is refused by name.
        case checked = "honoured, or refused by value"
        case harmless = "no effect on a vector"
    }

    package struct Table: Sendable {
        package let file: String
        package let members: [(name: String, use: Use)]

        init(_ file: String, honoured: [String] = [], checked: [String] = [], harmless: [String] = []) {
            self.file = file
            members =
                honoured.map { ($0, .honoured) } + checked.map { ($0, .checked) }
                + harmless.map { ($0, .harmless) }
        }
    }

    package static let tables =
        [text, model, pooling, dense, normalize, tokenizer, adapter]
        + MetadataMembers.tables

    static let text = Table(
        "sentence_bert_config.json",
        honoured: [
            "max_seq_length", "do_lower_case", "processor_kwargs", "tokenizer_args", "config_kwargs",
            "config_args", "query_length",
            "document_length", "query_expansion",
        ],
        checked: [
            "transformer_task", "modality_config", "processing_kwargs", "model_kwargs", "model_args",
            "tokenizer_name_or_path",
        ],
        harmless: ["unpad_inputs", "module_output_name", "architecture", "backend", "_comment"])

    static let model = Table(
        "config_sentence_transformers.json",
        honoured: [
            "prompts", "default_prompt_name", "truncate_dim", "max_active_dims", "activation_fn",
            "model_type",
            "query_prefix", "document_prefix", "query_length", "document_length", "do_query_expansion",
            "attend_to_expansion_tokens",
            "skiplist_words",
        ],
        checked: ["similarity_fn_name"],
        harmless: [
            "__version__", "_comment", "license", "language", "model_name", "base_model", "tags",
            "architecture",
        ])

    static let pooling = Table(
        "1_Pooling/config.json",
        honoured: ["pooling_mode", "include_prompt"] + PoolingMode.allCases.map(\.booleanKey),
        harmless: ["word_embedding_dimension", "embedding_dimension", "_comment"])

    static let dense = Table(
        "2_Dense/config.json",
        honoured: ["in_features", "out_features", "bias", "activation_function", "use_residual"],
        checked: ["module_input_name", "module_output_name"],
        harmless: ["init_weight", "init_bias", "_comment"])

    static let normalize = Table(
        "3_Normalize/config.json", checked: ["module_input_name", "module_output_name"],
        harmless: ["_comment"])

    static let adapter = Table(
        "adapter_config.json",
        honoured: [
            "peft_type", "base_model_name_or_path", "r", "lora_alpha", "use_rslora", "rank_pattern",
            "alpha_pattern", "use_dora", "lora_bias", "bias", "modules_to_save",
        ],
        checked: AdapterConfiguration.refused + ["init_lora_weights"],
        harmless: [
            // fan_in_fan_out: of matrices that are stored turned, which no encoder has; PEFT drops it.
            "fan_in_fan_out",
            "task_type", "inference_mode", "lora_dropout", "auto_mapping", "revision", "peft_version",
            "target_modules", "exclude_modules", "layers_to_transform", "layers_pattern", "megatron_config",
            "megatron_core", "loftq_config", "eva_config", "corda_config", "lora_ga_config",
            "runtime_config", "ensure_weight_tying", "qalora_group_size", "monteclora_config",
        ])

    static let tokenizer = Table(
        "tokenizer_config.json",
        honoured: [
            "tokenizer_class", "do_lower_case", "strip_accents", "tokenize_chinese_chars", "keep_accents",
            "split_by_punct",
            "add_prefix_space", "trim_offsets", "legacy", "bos_token", "eos_token", "unk_token", "sep_token",
            "pad_token", "cls_token",
            "mask_token", "additional_special_tokens", "extra_special_tokens",
            "model_specific_special_tokens", "image_token", "boi_token", "eoi_token", "extra_ids",
            "added_tokens_decoder", "truncation_side", "trust_remote_code",
            "model_max_length", "max_len", "model_input_names", "add_bos_token", "add_eos_token",
            "chat_template",
        ],
        checked: ["split_special_tokens", "fix_mistral_regex", "sp_model_kwargs"],
        harmless: [
            "name_or_path", "special_tokens_map_file", "tokenizer_file", "vocab_file", "merges_file",
            "processor_class", "auto_map",
            "clean_up_tokenization_spaces", "padding_side", "padding", "pad_to_multiple_of",
            "pad_token_type_id", "pad_token_id", "stride",
            "max_length", "truncation_strategy", "truncation", "errors", "use_fast",
            "use_default_system_prompt", "never_split",
            "do_basic_tokenize", "clean_text", "wordpieces_prefix", "spaces_between_special_tokens",
            "vocab_type", "unk_id",
            "is_local", "local_files_only",
            "backend", "init_inputs", "from_slow", "remove_space", "language", "model_type", "tokenizer_type",
            "device", "return_tensors",
            "_comment", "max_lengths", "full_tokenizer_file", "offset",
            "mask_token_sent", "revision",
            "token", "cache_dir", "subfolder", "add_special_tokens", "full_size",
            "bos_token_id", "eos_token_id",
            "keep_special_tokens", "lang", "response_schema",
        ])
}

extension ConfigFile {
    /// Refuses a member that a table does not have.
    /// - Parameter isKnown: Whether a member that is not in the table is known all the same.
    func requireKnownMembers(
        in table: ConfigurationMembers.Table,
        orWhere isKnown: (JSONObject.Member) -> Bool = { _ in false }
    ) throws(MartletError) {
        for member in object.members
        where !member.value.isNull && !isKnown(member)
            && !table.members.contains(where: { $0.name == member.key })
        {
            throw .unsupported(
                path,
                "the member \(member.key.quotedForMessage) is not known and may change the numbers; remove it if it has no effect"
            )
        }
    }
}
