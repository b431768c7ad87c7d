#if Server

internal import Martlet

/// The words of `input_type` of all clients.
enum InputType: String, CaseIterable {
    case query, document, passage
    case searchQuery = "search_query"
    case searchDocument = "search_document"
    case classification, clustering, none

    /// Nil for those that ask for no prompt.
    var role: TextRole? {
        switch self {
        case .query, .searchQuery: .query
        case .document, .passage, .searchDocument: .document
        case .classification, .clustering, .none: nil
        }
    }
}

extension Schemas {
    /// What `EmbedRequest.readRole(_:)` reads.
    static let role: [Schema.Member] = [
        .optional("prompt", .nullable(.string("put before each text, literally"))),
        .optional("prompt_name", .nullable(.string("one of the model's prompts"))),
        .optional(
            "input_type",
            .nullable(
                .word(
                    InputType.allCases.map(\.rawValue),
                    "what the texts are, for models with a prompt for each"))),
        .optional(
            "task",
            .nullable(.string("Jina's: retrieval.query, retrieval.passage or another of the model's"))),
    ]
}

extension EmbedRequest {
    /// `prompt` is put before each text in place of the model's own prompt, `prompt_name` names one of the
    /// model's prompts, and `input_type` or Jina's `task` says what the texts are.
    /// - Throws: If both prompts are given, or if two members name different roles.
    mutating func readRole(_ fields: RequestFields) throws(ServiceError) {
        options.prompt = try fields.string("prompt")
        task = try fields.string("task")
        let name = try fields.string("prompt_name")
        if options.prompt != nil, name != nil { throw .both("prompt", "prompt_name") }
        let type = try fields.choice("input_type", InputType.allCases.map(\.rawValue)).flatMap {
            InputType(rawValue: $0)
        }
        let given = [
            ("prompt_name", name.map { Self.role(ofPrompt: $0) }), ("input_type", type?.role),
            ("task", Self.role(ofTask: task)),
        ].compactMap { member, role in role.map { (member: member, role: $0) } }
        if let first = given.first, let other = given.first(where: { $0.role != first.role }) {
            throw .both(first.member, other.member)
        }
        role = given.first?.role
        // The model must have the prompt of that very name.
        if let name, given.count == 1 || !["query", "document"].contains(name) {
            role = TextRole(promptName: name)
        }
    }

    private static func role(ofPrompt name: String) -> TextRole {
        switch name {
        case "query": .query
        case "document", "passage", "corpus": .document
        default: TextRole(promptName: name)
        }
    }

    /// The other tasks, such as `text-matching`, say nothing about the role.
    private static func role(ofTask task: String?) -> TextRole? {
        switch task {
        case "retrieval.query": .query
        case "retrieval.passage": .document
        default: nil
        }
    }

    /// For a model that was loaded with the request's task: the prompt of the task is its default.
    func fitted(to model: ServedModel) -> EmbedRequest {
        guard let task, model.info.task == task, role == Self.role(ofTask: task) else { return self }
        var request = self
        request.role = nil
        return request
    }
}

#endif
