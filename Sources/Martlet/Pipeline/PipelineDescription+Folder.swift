internal import MartletModels
internal import MartletJSON

extension PipelineDescription {
    /// Reads what a model folder says of its pipeline.
    ///
    /// A folder without `modules.json` is a plain transformer: nothing in it says how to pool, so `pooling`
    /// has to.
    /// - Parameter pooling: Replaces the folder's pooling unless it is `.native`.
    package init(folder: ModelFolder, pooling: Pooling = .native) throws(MartletError) {
        try self.init(FolderConfiguration(folder), pooling: pooling)
    }

    package init(_ files: FolderConfiguration, pooling: Pooling = .native) throws(MartletError) {
        let folder = files.folder
        try ModelManifest(files).require(.embedder, at: folder.path)
        if let modules = files.modules {
            var reader = ModuleReader(files)
            for (index, module) in modules.enumerated() { try reader.read(module, at: index) }
            self = try reader.finish(pooling: pooling)
        } else {
            guard let config = files.root else { throw Self.noModel(folder) }
            if try config.string("model_type") == "model2vec" {
                self.init(pooling: [PoolingMode(pooling) ?? .mean])
                tokens = StaticTokens()
                if try config.bool("normalize") ?? false { stages = [.normalize] }
                try readModelSettings(files)
                return
            }
            guard let mode = PoolingMode(pooling) else {
                let file = folder.path(of: "modules.json")
                let isMasked = files.architectures.contains { $0.hasSuffix("ForMaskedLM") }
                throw MartletError(
                    .missingFile,
                    "\(file) is missing: nothing says how token vectors become a text's vector; choose a pooling (mean and cls are usual)"
                        + (isMasked
                            ? ", or use SparseEmbedder, which takes the masked language model for SPLADE's"
                            : ""),
                    file: file, remedy: .choosePooling)
            }
            self.init(pooling: [mode])
        }
        try readTextSettings(files, task: "feature-extraction", output: "last_hidden_state")
        try readModelSettings(files)
    }

    private static func noModel(_ folder: ModelFolder) -> MartletError {
        MartletError(
            .missingFile,
            "\(folder.path) is not a model folder: it has neither modules.json nor config.json",
            file: folder.path)
    }

    /// Reads what a folder says of the texts of a model that scores them: there is no pooling to be
    /// described.
    init(scoresOf folder: ModelFolder) throws(MartletError) {
        let files = try FolderConfiguration(folder)
        guard files.root != nil || files.modules != nil else { throw Self.noModel(folder) }
        let manifest = try ModelManifest(files)
        let scores =
            manifest.kinds.contains { [.reranker, .classifier].contains($0) }
            || files.isLanguageModel && !files.pools
        if !scores { try Self.refuseScores(files, manifest) }
        if let other = files.modules?.dropFirst().first(where: { $0.name != "LogitScore" }) {
            throw .unsupported(
                folder.path(of: "modules.json"),
                "has a module of type \(other.type.quotedForMessage); a model that scores has a Transformer, and perhaps a LogitScore"
            )
        }
        self.init(pooling: [.cls])
        encoderFolder = files.encoderFolder
        try readTextSettings(files, task: files.scoringTask, output: "logits")
        try readModelSettings(files)
    }

    private static func refuseScores(_ files: FolderConfiguration, _ manifest: ModelManifest)
        throws(MartletError)
    {
        guard manifest.kind == .embedder else {
            return try manifest.require(.reranker, .classifier, at: files.folder.path)
        }
        let name = files.architectures.first ?? "a model without \"architectures\" in config.json"
        throw MartletError(
            .unsupportedModel,
            "\(files.folder.path) holds \(name), which \(files.pools ? "pools token vectors" : "has no head that scores"): it gives vectors; "
                + "use Embedder, or rank by similarity",
            file: files.folder.path, remedy: .rankBySimilarity)
    }

    /// What a model folder says of the texts of an encoder with a head in place of pooling.
    /// - Parameter task: What `transformer_task` may be.
    init(headIn folder: ModelFolder, encoderFolder: String, task: String) throws(MartletError) {
        let files = try FolderConfiguration(folder, encoderFolder: encoderFolder)
        self.init(pooling: [.cls])
        self.encoderFolder = encoderFolder
        try readTextSettings(
            files, task: task, output: task == "fill-mask" ? "logits" : "last_hidden_state", hasRoles: true)
        try readModelSettings(files, isHead: true)
    }

    /// What a model folder says of the texts of a model of two stages, whose modelling code pools.
    init(contextualIn folder: ModelFolder, maxTokens most: Int) throws(MartletError) {
        let files = try FolderConfiguration(folder)
        self.init(pooling: [.mean])
        try readTextSettings(files, task: "feature-extraction", output: "last_hidden_state")
        maxTokens = maxTokens.map { min($0, most) } ?? most
        try readModelSettings(files)
        for (index, module) in (files.modules ?? []).enumerated() {
            switch module.type.split(separator: ".").last {
            case "Transformer" where index == 0: break
            case "Normalize" where index > 0: stages = [.normalize]
            default:
                throw .unsupported(
                    folder.path(of: "modules.json"),
                    "module \(index) is \(module.type.quotedForMessage); a contextual model has a Transformer, and perhaps a Normalize"
                )
            }
        }
    }

    /// The limits of a text, and what is done with it before it is tokenized.
    private mutating func readTextSettings(
        _ files: FolderConfiguration, task expected: String, output expectedOutput: String,
        hasRoles: Bool = false
    ) throws(MartletError) {
        maxTokens = try files.maxTokens()
        guard let config = files.text else { return }
        try config.checkTextMembers()
        if let task = try config.string("transformer_task"), task != expected {
            throw .unsupported(
                config.path,
                "\"transformer_task\" is \(task.quotedForMessage), expected \(expected.quotedForMessage)")
        }
        for key in hasRoles ? [] : ["query_length", "document_length", "query_expansion"]
        where config[key] != nil {
            throw .unsupported(
                config.path, "\"\(key)\" is set: lengths by role are not supported; set it to null")
        }
        let output = config["modality_config"]?["text"]?["method_output_name"]?.string
        if let output, output != expectedOutput {
            throw .unsupported(
                config.path,
                "text uses the output \(output.quotedForMessage); only \(expectedOutput.quotedForMessage) is supported"
            )
        }
        lowercases = try config.bool("do_lower_case") ?? false
    }

    private mutating func readModelSettings(_ files: FolderConfiguration, isHead: Bool = false)
        throws(MartletError)
    {
        guard let config = files.model else { return }
        try config.requireKnownMembers(in: ConfigurationMembers.model)
        prompts = try Prompts(config)
        defaultDimensions = try config.size("truncate_dim")
        guard let name = try config.string("similarity_fn_name") else { return }
        // Heads have functions of their own: MaxSim is none of two vectors.
        if isHead { return similarity = SimilarityFunction(rawValue: name) ?? .dot }
        guard let function = SimilarityFunction(rawValue: name) else {
            let known = SimilarityFunction.allCases.map(\.rawValue).joined(separator: ", ")
            throw .unsupported(
                config.path,
                "\"similarity_fn_name\" \(name.quotedForMessage) is unknown; expected one of \(known)")
        }
        similarity = function
    }
}

extension ConfigFile {
    /// Refuses members of sentence_bert_config.json that are not known, or that ask for what is not done.
    fileprivate func checkTextMembers() throws(MartletError) {
        try requireKnownMembers(in: ConfigurationMembers.text)
        if let name = self["tokenizer_name_or_path"] {
            throw .unsupported(
                path,
                "\"tokenizer_name_or_path\" names another model's tokenizer (\(name.string ?? name.kind)); put its files in this folder"
            )
        }
        let harmless = [
            "torch_dtype", "dtype", "attn_implementation", "low_cpu_mem_usage", "use_safetensors",
            "device_map", "trust_remote_code",
            "revision",
            "token", "local_files_only", "cache_dir", "subfolder", "use_cache", "add_pooling_layer",
        ]
        for key in ["model_kwargs", "model_args"] {
            guard let value = self[key] else { continue }
            guard let arguments = value.object else { throw wrongKind(key, "an object", value) }
            for member in arguments.members where !member.value.isNull && !harmless.contains(member.key) {
                throw .unsupported(
                    path, "\"\(key)\": the argument \(member.key.quotedForMessage) is not supported")
            }
        }
        for kind in self["processing_kwargs"]?.object?.members ?? [] {
            for member in kind.value.object?.members ?? []
            where !["padding", "truncation"].contains(member.key) || member.value.bool != true {
                throw .unsupported(path, "\"processing_kwargs\": \(kind.key).\(member.key) is not supported")
            }
        }
        if let method = self["modality_config"]?["text"]?["method"]?.string, method != "forward" {
            throw .unsupported(
                path, "text goes through the method \(method.quotedForMessage); only \"forward\" is supported"
            )
        }
    }
}
