internal import MartletJSON

extension ModelManifest {
    /// What the configuration files of a folder say.
    package init(_ files: FolderConfiguration) throws(MartletError) {
        let kinds = try files.kinds()
        // Of a dense model with a Router: what the files say of the texts without a role.
        if let routes = files.routes, kinds.first == .embedder, let route = routes.ofTexts.first {
            let chosen = routes.route(ofTask: nil) ?? route
            try self.init(FolderConfiguration(files.folder, route: chosen))
            modules = files.modules ?? []
            return
        }
        self.init(.folder, kinds: kinds)
        family = try files.encoder?.string("model_type") ?? ""
        modules = files.modules ?? []
        encoderFolder = files.encoderFolder
        if let module = modules.first(where: { $0.name == "Pooling" }), kind == .embedder {
            let config = try files.folder.requireConfig(
                ModelFolder.join(module.path, "config.json"), for: "how to pool")
            pooling = try config.poolingModes().map(\.pooling)
            poolsPrompt = try config.bool("include_prompt") ?? true
        }
        let prompts = try Prompts(files.model)
        self.prompts = prompts.dictionary
        defaultPromptName = prompts.defaultName
        limits.tokens = try files.maxTokens()
        for config in [files.model, files.text].compactMap({ $0 }) {
            limits.queryTokens = try config.size("query_length") ?? limits.queryTokens
            limits.documentTokens = try config.size("document_length") ?? limits.documentTokens
        }
        dimensions = try files.model?.size("truncate_dim")
        similarity = try files.model?.string("similarity_fn_name").flatMap(SimilarityFunction.init)
        tasks = files.encoder?.tasks ?? []
        if [.reranker, .classifier].contains(kind) { labels = try files.encoder?.labels() ?? [] }
    }
}

extension FolderConfiguration {
    /// The most tokens of a text that the settings give, before the encoder's positions are known; nil: no
    /// limit.
    func maxTokens() throws(MartletError) -> Int? {
        let given = ["processor_kwargs", "tokenizer_args"].contains { text?[$0]?["model_max_length"] != nil }
        if !given, let limit = try text?.size("max_seq_length") { return limit }
        // transformers 2 wrote max_len, which counts where the newer member is absent.
        let key = tokenizer?["model_max_length"] == nil ? "max_len" : "model_max_length"
        guard let tokenizer, let limit = tokenizer[key] else { return nil }
        guard let number = limit.double, number >= 1 else {
            throw tokenizer.wrongKind(key, "a number from 1 on", limit)
        }
        // transformers writes 1e30 where there is no limit.
        return number <= Double(Int32.max) ? Int(number) : nil
    }

    /// Whether the model's own modules end in vectors.
    var pools: Bool {
        ((routes?.modules ?? []) + (modules ?? [])).contains {
            ["Pooling", "StaticEmbedding"].contains($0.name)
        }
    }
    var isClassifier: Bool { architectures.first?.hasSuffix("ForSequenceClassification") ?? false }
    /// Whether the model is a language model, whose scores are the logits of words, as those of
    /// Qwen3-Reranker.
    var isLanguageModel: Bool { architectures.first?.hasSuffix("ForCausalLM") ?? false }
    /// The folder that says which words' logits are the score; nil: there is no such module.
    var logitScoreFolder: String? { modules?.first { $0.name == "LogitScore" }?.path }
    /// sentence-transformers' name of what the transformer of a model that scores does.
    var scoringTask: String { isLanguageModel ? "text-generation" : "sequence-classification" }

    /// What the files make of a text, as far as they say.
    func kinds() throws(MartletError) -> [ModelKind] {
        if ContextualDescription.describes(root) { return [.contextual] }
        switch try model?.string("model_type") {
        case "SparseEncoder": return [.sparse]
        case "MultiVectorEncoder", "ColBERT": return [.lateInteraction]
        default: break
        }
        if let modules = modules.map({ (routes?.modules ?? []) + $0 }) {
            let names = modules.map(\.name)
            if names.contains("SpladePooling") || names.contains("SparseStaticEmbedding") { return [.sparse] }
            if names.contains("MultiVectorMask") || modules.contains(where: { $0.type.hasPrefix("pylate.") })
            {
                return [.lateInteraction]
            }
            if !pools, names.contains("LogitScore") { return [.reranker] }
            if !pools, isClassifier { return [try scoringKind()] }
        } else {
            if architectures.contains("HF_ColBERT") { return [.lateInteraction] }
            if isClassifier { return [try scoringKind()] }
            if isLanguageModel, try isAskedAboutPairs() { return [.reranker, .embedder] }
        }
        var kinds = [ModelKind.embedder]
        let writesWords = modules == nil && architectures.contains { $0.hasSuffix("ForMaskedLM") }
        if writesWords || LexicalFiles.names.contains(where: folder.contains) { kinds.append(.sparse) }
        if LateInteractionDescription.besideNames.contains(where: folder.contains) {
            kinds.append(.lateInteraction)
        }
        return kinds
    }

    private func scoringKind() throws(MartletError) -> ModelKind {
        let named = encoder?.object["id2label"]?.object?.count
        let counted = try encoder?.size("num_labels")
        return named ?? counted ?? 2 == 1 ? .reranker : .classifier
    }

    /// Whether a language model without modules is one that is asked about pairs: Qwen3-Reranker was
    /// published so, and a chat template may have the roles of a query and a document.
    private func isAskedAboutPairs() throws(MartletError) -> Bool {
        if try encoder?.string("model_type") == "qwen3" { return true }
        let file = try folder.text("chat_template.jinja")
        return (file ?? tokenizer?["chat_template"]?.string).map(PairTemplate.describesPairs) ?? false
    }
}
