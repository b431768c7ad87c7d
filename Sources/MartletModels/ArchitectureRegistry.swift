package import MartletJSON
package import MartletWeights

/// Every architecture that can be built, by the names that files give it. To add one is to add a row.
package enum ArchitectureRegistry {
    package struct Row: Sendable {
        /// `model_type` in config.json
        let modelTypes: [String]
        /// `general.architecture` in GGUF metadata
        var ggufNames: [String] = []
        /// Classes of modelling code that publishers ship with such models, which this family's file
        /// implements.
        var classes: [String] = []
        /// Members of config.json that have no effect on this family.
        var harmless: [String] = []
        let fromFolder: @Sendable (ConfigurationReader) throws(ModelError) -> Blueprint
        var fromGGUF: (@Sendable (GGUFFile, _ file: String) throws(ModelError) -> Blueprint)?
    }

    /// What a configuration says: what to compute, and the names that its tensors may have.
    package struct Blueprint: Sendable {
        package var description: TransformerDescription
        package var layouts: [TensorLayout]
        /// Adapters for tasks that stand beside the weights; nil: there are none.
        package var adapters: Adapters?
        /// Beginnings of names of tensors that belong to another part of the published model.
        package var ignoredTensors: [String] = []
    }

    /// Low-rank adapters by the names of their tasks, in the order in which the tensors hold them.
    package struct Adapters: Sendable, Equatable {
        package let tasks: [String]
        package let rank: Int
        /// Multiplies the product of a pair.
        package let scale: Float
    }

    /// What an encoder is built for.
    package struct Build: Sendable {
        package let backend: any ComputeBackend
        /// The task whose adapter is added to the weights; nil: none.
        package let task: String?
        /// Beginnings of names of tensors that others than the encoder read.
        package let otherTensors: [String]

        package init(_ backend: any ComputeBackend, task: String? = nil, otherTensors: [String] = []) {
            self.backend = backend
            self.task = task
            self.otherTensors = otherTensors
        }
    }

    private static let rows: [Row] = [
        Row(
            modelTypes: ["bert"], ggufNames: ["bert"],
            classes: ["JinaBertModel", "JinaBertForMaskedLM", "JinaBertForSequenceClassification"],
            harmless: [
                "pooler_fc_size", "pooler_num_attention_heads", "pooler_num_fc_layers",
                "pooler_size_per_head", "pooler_type",
                "directionality",
                "attn_implementation", "model_max_length", "feed_forward_type", "gradient_checkpointing",
                "type_vocab_size_pooler",
            ],
            fromFolder: Bert.blueprint(_:), fromGGUF: Bert.blueprint(gguf:file:)),
        Row(
            modelTypes: ["roberta", "xlm-roberta", "camembert"],
            classes: [
                "XLMRobertaLoRA", "XLMRobertaModel", "XLMRobertaForMaskedLM",
                "XLMRobertaForSequenceClassification",
            ],
            harmless: ["rotary_emb_base", "adapters"], fromFolder: Roberta.blueprint),
        Row(
            modelTypes: ["distilbert"],
            harmless: [
                "tie_weights_", "sinusoidal_pos_embds", "output_past", "layer_norm_eps", "hidden_act",
                "type_vocab_size",
            ],
            fromFolder: DistilBert.blueprint),
        Row(modelTypes: ["electra"], fromFolder: Electra.blueprint),
        Row(
            modelTypes: ["albert"],
            harmless: ["net_structure_type", "gap_size", "num_memory_blocks", "down_scale_factor"],
            fromFolder: Albert.blueprint),
        Row(
            modelTypes: ["t5"],
            harmless: [
                "n_positions", "num_decoder_layers", "scale_decoder_outputs", "dropout_rate",
                "relative_attention_max_distance",
            ],
            fromFolder: T5.blueprint),
        Row(modelTypes: ["mpnet"], harmless: ["type_vocab_size"], fromFolder: MPNet.blueprint),
        Row(
            modelTypes: ["nomic_bert"], ggufNames: ["nomic-bert", "nomic-bert-moe"],
            classes: [
                "NomicBertModel", "NomicBertForPreTraining", "NomicBertForMaskedLM",
                "NomicBertForSequenceClassification",
            ],
            harmless: [
                "parallel_block_tied_norm", "scale_attn_by_inverse_layer_idx", "rotary_emb_scale_base",
                "tie_weights", "use_rms_norm",
                "num_shared_experts", "ffn_div", "expert_choice_router", "moe_normalize_expert_weights",
                "moe_impl", "skip_layer_norm",
                "num_experts", "moe_top_k", "hidden_act", "head_dim", "rotary_interleaved",
                "max_position_embeddings", "n_positions",
            ],
            fromFolder: NomicBert.blueprint(_:), fromGGUF: NomicBert.blueprint(_:file:)),
        Row(
            modelTypes: ["new", "gte"],
            classes: [
                "NewModel", "NewForMaskedLM", "NewForSequenceClassification", "GteModel", "GteForMaskedLM",
            ],
            harmless: ["logn_attention_clip1", "rope_theta"], fromFolder: GTE.blueprint),
        Row(
            modelTypes: ["modernbert"], ggufNames: ["modern-bert"],
            harmless: [
                "position_embedding_type", "rope_theta", "layer_norm_eps", "global_rope_theta",
                "local_rope_theta", "tie_weights",
            ],
            fromFolder: ModernBert.blueprint(_:), fromGGUF: ModernBert.blueprint(_:file:)),
        Row(
            modelTypes: [], ggufNames: ["jina-bert-v2"], fromFolder: JinaBert.blueprint(_:),
            fromGGUF: JinaBert.blueprint(_:file:)),
        Row(modelTypes: ["jina_embeddings_v3"], fromFolder: JinaEmbeddingsV3.blueprint),
        Row(
            modelTypes: ["qwen2", "qwen3", "mistral", "eurobert", "llama", "llama_bidirec"],
            ggufNames: ["qwen2", "qwen3", "eurobert", "llama"],
            classes: Decoder.bidirectionalClasses + [
                "Qwen2Model", "Qwen2ForCausalLM", "Qwen2ForSequenceClassification", "Qwen3Model",
                "EuroBertModel", "EuroBertForMaskedLM",
                "EuroBertForSequenceClassification", "EuroBertForTokenClassification",
            ],
            harmless: [
                "head_dim", "max_window_layers", "sliding_window", "use_sliding_window", "layer_types",
                "attention_bias", "mlp_bias",
                "is_causal",
                "mask_token", "pad_token", "pooling",
            ],
            fromFolder: Decoder.blueprint(_:), fromGGUF: Decoder.blueprint(_:file:)),
        Row(
            modelTypes: ["gemma3_text"], ggufNames: ["gemma-embedding"],
            harmless: ["hidden_act", "use_bidirectional_attention", "sliding_window"],
            fromFolder: Gemma3.blueprint(_:), fromGGUF: Gemma3.blueprint(_:file:)),
    ]

    /// Whether config.json may name this `model_type`.
    package static func reads(modelType: String) -> Bool {
        rows.contains { $0.modelTypes.contains(modelType) }
    }

    /// Whether GGUF metadata may name this `general.architecture`.
    package static func reads(ggufArchitecture name: String) -> Bool {
        rows.contains { $0.ggufNames.contains(name) }
    }

    /// What a transformers configuration says: config.json.
    package static func blueprint(configuration: JSONValue, file: String) throws(ModelError) -> Blueprint {
        guard let type = configuration["model_type"]?.string else {
            throw ModelError(
                .invalidConfiguration, "\(file) has no \"model_type\", which says what the model is",
                file: file)
        }
        guard let row = rows.first(where: { $0.modelTypes.contains(type) }) else {
            throw ModelError(
                .unsupported,
                "\(file): model_type \(type.quotedForMessage) is not supported; \(list(rows.flatMap(\.modelTypes))) is",
                file: file)
        }
        let reader = ConfigurationReader(configuration, file: file, family: type)
        let blueprint = try row.fromFolder(reader)
        try check(reader, row)
        return blueprint
    }

    /// Refuses what a configuration says and nothing here knows: code of the model's own, and members that
    /// may change its numbers.
    private static func check(_ reader: ConfigurationReader, _ row: Row) throws(ModelError) {
        if let code = reader.unknownCode(row.classes) {
            throw reader.unsupported(
                "\"auto_map\" names \(code.quotedForMessage), code that the model brings along and that is not run here; if the model computes "
                    + "what its \"model_type\" does, remove the member")
        }
        let unknown = reader.unasked.filter { !GeneralMembers.contains($0) && !row.harmless.contains($0) }
        if let name = unknown.first {
            throw reader.unsupported(
                "the member \(name.quotedForMessage) is not known for a \(reader.family) configuration and may change the numbers; remove it if "
                    + "it does not")
        }
        for inner in reader.inner {
            if let name = inner.unasked.first {
                throw inner.unsupported(
                    "the member \(name.quotedForMessage) is not known and may change the numbers; remove it if it does not"
                )
            }
        }
    }

    /// The encoder of a transformers folder: `configuration` is its config.json.
    package static func encoder(
        configuration: JSONValue, file: String, weights: any WeightSource, weightFile: String, _ build: Build
    ) throws(ModelError) -> any Encoder {
        try encoder(
            blueprint(configuration: configuration, file: file), weights: weights, weightFile: weightFile,
            build)
    }

    /// The encoder that a blueprint describes.
    package static func encoder(
        _ blueprint: Blueprint, weights: any WeightSource, weightFile: String, _ build: Build
    ) throws(ModelError) -> any Encoder {
        let adapter = try build.task.map { (task) throws(ModelError) in
            guard let adapters = blueprint.adapters, let index = adapters.tasks.firstIndex(of: task) else {
                let known = blueprint.adapters.map { "it has " + list($0.tasks) } ?? "it has none for tasks"
                throw ModelError(
                    .unsupported,
                    "\(weightFile): the model has no adapter for the task \(task.quotedForMessage); \(known)",
                    file: weightFile)
            }
            return Checkpoint.Adapter(
                index: index, count: adapters.tasks.count, rank: adapters.rank, scale: adapters.scale)
        }
        let checkpoint = try Checkpoint(
            weights, layouts: blueprint.layouts, file: weightFile, adapter: adapter)
        let encoder = try build.backend.encoder(blueprint.description, checkpoint, smoothing: nil)
        // What is missing was found by now: it says more.
        try LeftoverTensors.check(checkpoint, others: build.otherTensors + blueprint.ignoredTensors)
        return encoder
    }

    /// What a GGUF file's metadata say.
    package static func blueprint(gguf: GGUFFile, file: String) throws(ModelError) -> Blueprint {
        guard let name = gguf.metadata.string("general.architecture") else {
            throw ModelError(
                .invalidConfiguration, "\(file) has no general.architecture in its metadata", file: file)
        }
        guard let read = rows.first(where: { $0.ggufNames.contains(name) })?.fromGGUF else {
            throw ModelError(
                .unsupported,
                "\(file): architecture \(name.quotedForMessage) is not supported; \(list(rows.flatMap(\.ggufNames))) is",
                file: file)
        }
        return try read(gguf, file)
    }

    /// The encoder of a GGUF file.
    package static func encoder(gguf: GGUFFile, file: String, _ build: Build) throws(ModelError)
        -> any Encoder
    {
        let blueprint = try blueprint(gguf: gguf, file: file)
        let d = blueprint.description
        let smoothing = try Smoothing(gguf: gguf, layers: d.layers, hidden: d.hiddenSize, file: file)
        let checkpoint = try Checkpoint(gguf, layouts: blueprint.layouts, file: file)
        let encoder = try build.backend.encoder(d, checkpoint, smoothing: smoothing)
        try LeftoverTensors.check(checkpoint, others: build.otherTensors)
        return encoder
    }

    /// Whether weights are those of the model that a blueprint describes, as far as the table of words shows;
    /// no number is read.
    package static func check(_ blueprint: Blueprint, weights: any WeightSource, weightFile: String)
        throws(ModelError)
    {
        let checkpoint = try Checkpoint(weights, layouts: blueprint.layouts, file: weightFile)
        _ = try checkpoint.tensor(
            checkpoint.layout.words + ".weight",
            [blueprint.description.vocabularySize, blueprint.description.embeddings.size])
    }

    /// Every `model_type` that is read.
    static var modelTypes: [String] { rows.flatMap(\.modelTypes) }

    private static func list(_ names: [String]) -> String {
        names.map { "\"\($0)\"" }.joined(separator: ", ")
    }
}
