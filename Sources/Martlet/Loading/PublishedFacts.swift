/// What is published of a model beside its files: its name, and the pooling and the prompts that its authors
/// ask for.
package struct PublishedFacts: Sendable, Hashable {
    package let name: String
    package let queryPrompt: String?
    package let documentPrompt: String?
    package let pooling: Pooling?

    package init(name: String, queryPrompt: String?, documentPrompt: String?, pooling: Pooling? = nil) {
        self.name = name
        self.queryPrompt = queryPrompt
        self.documentPrompt = documentPrompt
        self.pooling = pooling
    }

    fileprivate var prompts: [Prompts.Prompt] {
        [("query", queryPrompt), ("document", documentPrompt)].compactMap { name, text in
            text.map { Prompts.Prompt(name: name, text: $0) }
        }
    }
}

extension ModelParts {
    /// The model under its published name. Prompts count only where the files have none, and a note says so;
    /// none is put before a text unless its role is given.
    func completed(by facts: PublishedFacts) -> ModelParts {
        var (pipeline, info) = (pipeline, info)
        // A GGUF file has a name of its own; a folder of a cache is named by its commit.
        if files.folder != nil { info.name = facts.name }
        if pipeline.prompts.all.isEmpty, !facts.prompts.isEmpty {
            pipeline.prompts = Prompts(facts.prompts)
            pipeline.notes.append(
                "the files have no prompts; those for \(facts.prompts.map(\.name).joined(separator: " and ")) are the published ones of \(facts.name)"
            )
            info.prompts = pipeline.prompts.dictionary
            info.notes = pipeline.notes
        }
        return ModelParts(
            files: files, encoder: encoder, tokenizer: tokenizer, pipeline: pipeline, info: info)
    }
}
