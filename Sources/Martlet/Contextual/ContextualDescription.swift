internal import MartletJSON
internal import MartletModels

/// What the configuration of a contextual model says: cde-small-v1 (Morris and Rush 2024).
///
/// Source: the members of config.json as the modelling code published with the model reads them.
struct ContextualDescription {
    /// One of the model's two encoders.
    struct Stage {
        /// What the encoder's weights are called, before the names of its own.
        let prefix: String
        /// Its configuration, and the file that it is from.
        let configuration: JSONValue
        let file: String
        /// The first so many of its layers are used; nil: all.
        let layers: Int?
    }

    let first: Stage
    let second: Stage
    /// Documents of a context.
    let sampleSize: Int
    /// Whether the second stage knows positions of the context.
    let turnsContext: Bool
    let maxTokens: Int

    /// The names that a configuration gives to such a model.
    private static let architectures = ["DatasetTransformer", "ContextualDocumentEmbeddingTransformer"]

    /// Whether a folder with this config.json holds such a model.
    static func describes(_ config: ConfigFile?) -> Bool {
        let names = config?["architectures"]?.array?.compactMap(\.string) ?? []
        return names.contains(where: architectures.contains)
    }

    /// - Parameter config: The folder's config.json.
    init(_ folder: ModelFolder, _ config: ConfigFile) throws(MartletError) {
        guard Self.describes(config) else {
            throw MartletError(
                .unsupportedModel,
                "\(folder.path) reads no corpus: \"architectures\" of config.json names none of \(Self.architectures.joined(separator: ", ")); "
                    + "use Embedder",
                file: config.path, remedy: .loadAs(.embedder))
        }
        try config.require("architecture", "transductive")
        for key in ["pooling_strategy", "biencoder_pooling_strategy"] { try config.require(key, "mean") }
        for key in [
            "autoregressive_backbone", "transductive_tie_token_embeddings", "pool_ignore_instruction_tokens",
        ]
        where try config.bool(key) ?? false {
            throw .unsupported(config.path, "\"\(key)\" is true; only false is supported")
        }
        guard try config.size("transductive_tokens_per_document") ?? 1 == 1 else {
            throw .unsupported(
                config.path, "\"transductive_tokens_per_document\" other than 1 is not supported")
        }
        sampleSize = try config.requireSize("transductive_corpus_size")
        turnsContext = try !(config.bool("disable_transductive_rotary_embedding") ?? true)
        maxTokens = try config.size("max_seq_length") ?? 512
        guard let name = try config.string("embedder") else {
            throw .malformed(
                config.path, "\"embedder\" is missing: it names the encoder that the stages are made of")
        }
        first = try Self.stage(
            "first_stage_model.embedder.", name, layers: config.size("limit_layers_first_stage"), folder,
            config.path)
        second = try Self.stage(
            "second_stage_model.backbone.", config.string("dataset_backbone") ?? name,
            layers: config.size("limit_layers"), folder,
            config.path)
    }

    /// An encoder is named by its repository, or by a folder in the model's own.
    private static func stage(
        _ prefix: String, _ name: String, layers: Int?, _ folder: ModelFolder, _ file: String
    ) throws(MartletError) -> Stage {
        guard SafePath.isRelative(name) else {
            throw .malformed(
                file, "the encoder's name \(name.quotedForMessage) leads out of the model folder")
        }
        let place = name + "/config.json"
        if let config = try folder.config(place) {
            return Stage(
                prefix: prefix, configuration: .object(config.object), file: config.path, layers: layers)
        }
        guard let published = PublishedConfigurations.named(name) else {
            throw .unsupported(
                file,
                "the stages are made of \(name.quotedForMessage), which is not described here; nomic-ai/nomic-bert-2048 is known, and of another "
                    + "nomic_bert put its config.json to \(folder.path(of: place))")
        }
        return Stage(
            prefix: prefix, configuration: published, file: "the configuration of \(name)", layers: layers)
    }

    /// What the encoder of a stage computes.
    /// - Parameter start: The first position that is turned.
    func blueprint(_ stage: Stage, start: Int = 0) throws(MartletError) -> ArchitectureRegistry.Blueprint {
        var blueprint = try wrapping { () throws(ModelError) in
            try ArchitectureRegistry.blueprint(configuration: stage.configuration, file: stage.file)
        }
        guard blueprint.description.architecture == "nomic_bert" else {
            throw .unsupported(
                stage.file,
                "the stages are made of \(blueprint.description.architecture.quotedForMessage); only nomic_bert is supported"
            )
        }
        if let layers = stage.layers {
            blueprint.description.layers = min(layers, blueprint.description.layers)
        }
        for span in blueprint.description.attention.spans.indices {
            blueprint.description.attention.spans[span].rotary?.start = start
        }
        for layout in blueprint.layouts.indices { blueprint.layouts[layout].prefixes = [stage.prefix] }
        return blueprint
    }
}

extension ConfigFile {
    /// An error where a member is neither absent nor `value`.
    fileprivate func require(_ key: String, _ value: String) throws(MartletError) {
        guard let found = try string(key), found != value else { return }
        throw .unsupported(
            path, "\"\(key)\" is \(found.quotedForMessage); only \(value.quotedForMessage) is supported")
    }
}
