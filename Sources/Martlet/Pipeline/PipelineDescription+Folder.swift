internal import MartletJSON

extension PipelineDescription {
    /// Reads what a model folder says of its pipeline.
    ///
    /// A folder without `modules.json` is a plain transformer: nothing in it says how to pool, so `pooling` has to.
    /// - Parameter pooling: Replaces the folder's pooling unless it is `.native`.
    package init(folder: ModelFolder, pooling: Pooling = .native) throws(MartletError) {
        try ContextualDescription.refuse(folder)
        try ModelForm(folder: folder).requireVectors()
        let file = folder.path(of: "modules.json")
        if let modules = try folder.json("modules.json") {
            guard let list = modules.array else { throw .malformed(file, "expected a list of modules, found \(modules.kind)") }
            var reader = try ModuleReader(folder: folder, file: file)
            for (index, module) in list.enumerated() { try reader.read(module, at: index) }
            self = try reader.finish(pooling: pooling)
        } else {
            guard folder.contains("config.json") else {
                throw MartletError(
                    .missingFile, "\(folder.path) is no model folder: it has neither modules.json nor config.json", file: folder.path)
            }
            if let config = try folder.config("config.json"), try config.string("model_type") == "model2vec" {
                self.init(pooling: [PoolingMode(pooling) ?? .mean])
                tokens = StaticTokens()
                if try config.bool("normalize") ?? false { stages = [.normalize] }
                try readModelSettings(folder)
                return
            }
            guard let mode = PoolingMode(pooling) else {
                let architectures = try folder.config("config.json")?["architectures"]?.array?.compactMap(\.string) ?? []
                let hint =
                    architectures.contains { $0.hasSuffix("ForMaskedLM") }
                    ? ", or take its masked language model for SPLADE's: SparseEmbedder, --kind sparse" : ""
                throw MartletError(
                    .missingFile,
                    "\(file) is missing: nothing says how token vectors become a text's vector; pass --pooling (mean and cls are usual)\(hint)",
                    file: file)
            }
            self.init(pooling: [mode])
        }
        try readTextSettings(folder, task: "feature-extraction", output: "last_hidden_state")
        try readModelSettings(folder)
    }

    /// Reads what a folder says of the texts of a model that scores them: there is no pooling to be described.
    init(scoresOf folder: ModelFolder) throws(MartletError) {
        try ContextualDescription.refuse(folder)
        let form = try ModelForm(folder: folder)
        try form.requireScores()
        self.init(pooling: [.cls])
        encoderFolder = form.encoderFolder
        try readTextSettings(folder, task: form.task, output: "logits")
        try readModelSettings(folder)
    }

    /// What a model folder says of the texts of an encoder with a head in place of pooling.
    /// - Parameter task: What `transformer_task` may be.
    init(headIn folder: ModelFolder, encoderFolder: String, task: String) throws(MartletError) {
        self.init(pooling: [.cls])
        self.encoderFolder = encoderFolder
        try readTextSettings(folder, task: task, output: task == "fill-mask" ? "logits" : "last_hidden_state", hasRoles: true)
        try readModelSettings(folder, isHead: true)
    }

    /// What a model folder says of the texts of a model of two stages, whose modelling code pools.
    init(contextualIn folder: ModelFolder, maxTokens most: Int) throws(MartletError) {
        self.init(pooling: [.mean])
        try readTextSettings(folder, task: "feature-extraction", output: "last_hidden_state")
        maxTokens = maxTokens.map { min($0, most) } ?? most
        try readModelSettings(folder)
        for (index, module) in (try folder.json("modules.json")?.array ?? []).enumerated() {
            let type = module["type"]?.string ?? ""
            switch type.split(separator: ".").last {
            case "Transformer" where index == 0: break
            case "Normalize" where index > 0: stages = [.normalize]
            default:
                throw .unsupported(
                    folder.path(of: "modules.json"),
                    "module \(index) is \(type.quotedForMessage); a contextual model has a Transformer, and perhaps a Normalize")
            }
        }
    }

    /// The limits of a text. The names of the file are those that sentence-transformers has used for one thing over the years.
    private mutating func readTextSettings(
        _ folder: ModelFolder, task expected: String, output expectedOutput: String, hasRoles: Bool = false
    ) throws(MartletError) {
        let prefix = encoderFolder.isEmpty ? "" : encoderFolder + "/"
        for kind in ["bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet"] {
            guard let config = try folder.config("\(prefix)sentence_\(kind)_config.json") else { continue }
            if let task = try config.string("transformer_task"), task != expected {
                throw .unsupported(config.path, "\"transformer_task\" is \(task.quotedForMessage), expected \(expected.quotedForMessage)")
            }
            for key in hasRoles ? [] : ["query_length", "document_length", "query_expansion"] where config[key] != nil {
                throw .unsupported(config.path, "\"\(key)\" is set: lengths by role are not supported; set it to null")
            }
            let output = config["modality_config"]?["text"]?["method_output_name"]?.string
            if let output, output != expectedOutput {
                throw .unsupported(
                    config.path, "text uses the output \(output.quotedForMessage); only \(expectedOutput.quotedForMessage) is supported")
            }
            maxTokens = try config.size("max_seq_length")
            lowercases = try config.bool("do_lower_case") ?? false
            break
        }
        guard maxTokens == nil, let config = try folder.config("\(prefix)tokenizer_config.json") else { return }
        guard let limit = config["model_max_length"] else { return }
        guard let number = limit.double, number >= 1 else { throw config.wrongKind("model_max_length", "a number from 1 on", limit) }
        // transformers writes 1e30 where there is no limit.
        if number <= Double(Int32.max) { maxTokens = Int(number) }
    }

    private mutating func readModelSettings(_ folder: ModelFolder, isHead: Bool = false) throws(MartletError) {
        guard let config = try folder.config("config_sentence_transformers.json") else { return }
        prompts = try Prompts(json: config["prompts"], defaultName: try config.string("default_prompt_name"), file: config.path)
        defaultDimensions = try config.size("truncate_dim")
        guard let name = try config.string("similarity_fn_name") else { return }
        // Heads have functions of their own: MaxSim is none of two vectors.
        if isHead { return similarity = SimilarityFunction(rawValue: name) ?? .dot }
        guard let function = SimilarityFunction(rawValue: name) else {
            let known = SimilarityFunction.allCases.map(\.rawValue).joined(separator: ", ")
            throw .unsupported(config.path, "\"similarity_fn_name\" \(name.quotedForMessage) is unknown; expected one of \(known)")
        }
        similarity = function
    }
}
