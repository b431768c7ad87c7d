internal import MartletJSON

extension ModelFolder {
    /// Whether the encoder in `path` is jina-embeddings-v3, in the spelling of its publisher or that of
    /// transformers, or v5.
    func hasJinaTasks(_ path: String) throws(MartletError) -> Bool {
        guard let config = try config(path.isEmpty ? "config.json" : path + "/config.json") else {
            return false
        }
        let (type, positions) = (
            try config.string("model_type"), try config.string("position_embedding_type")
        )
        return type == "jina_embeddings_v3" || type == "jina_embeddings_v5"
            || type == "xlm-roberta" && positions == "rotary"
    }
}

extension ConfigFile {
    /// The tasks that the configuration names adapters for.
    var tasks: [String] {
        (self["lora_adaptations"] ?? self["task_names"])?.array?.compactMap(\.string) ?? []
    }

    /// Whether the adapters are tensors of the encoder's own file, not files of their own.
    var hasStackedAdapters: Bool { self["lora_adaptations"] != nil }

    /// What is to be known of a model's adapters; nil: it has none.
    func adapterNote(_ task: String?) -> String? {
        if let task { return "The adapter for \(task) is added to the weights." }
        if tasks.isEmpty { return nil }
        return
            "The weights are those without a task; naming one adds the model's adapter for it (\(tasks.joined(separator: ", ")))."
    }

    /// The prompts of a model whose adapter for a task is chosen: the task's is the default, as where the
    /// publisher's own `encode` is given a task, and those for retrieval are the ones of queries and
    /// documents.
    func prompts(_ prompts: Prompts, of task: String) -> Prompts {
        var prompts = prompts
        if prompts.all.isEmpty {
            for member in self["task_instructions"]?.object?.members ?? [] {
                if let text = member.value.string { prompts.all.append(.init(name: member.key, text: text)) }
            }
        }
        if prompts[task] != nil { prompts.defaultName = task }
        for (role, name) in [("query", "retrieval.query"), ("document", "retrieval.passage")]
        where prompts[role] == nil {
            if let text = prompts[name] { prompts.all.append(.init(name: role, text: text)) }
        }
        return prompts
    }

    /// An error where a model has no such task.
    func require(task: String) throws(MartletError) {
        guard !tasks.contains(task) else { return }
        let known =
            tasks.isEmpty
            ? "this model has no adapters for tasks" : "this model has \(tasks.joined(separator: ", "))"
        throw MartletError(.invalidOption, "task \(task.quotedForMessage): \(known)", file: path)
    }
}
