internal import MartletJSON

/// The prompts of a model by name, in the order of its configuration.
package struct Prompts: Sendable, Equatable {
    package struct Prompt: Sendable, Equatable {
        package let name: String
        package let text: String
        package init(name: String, text: String) {
            self.name = name
            self.text = text
        }
    }

    package var all: [Prompt]
    /// The prompt used where the caller names neither role nor prompt.
    package var defaultName: String?

    package init(_ all: [Prompt] = [], defaultName: String? = nil) {
        self.all = all
        self.defaultName = defaultName
    }

    /// Those of config_sentence_transformers.json; none where there is no such file.
    init(_ config: ConfigFile?) throws(MartletError) {
        try self.init(
            json: config?["prompts"], defaultName: try config?.string("default_prompt_name"),
            file: config?.path ?? "")
    }

    /// - Parameter file: The file that says so, for messages.
    init(json: JSONValue?, defaultName: String?, file: String) throws(MartletError) {
        var all: [Prompt] = []
        if let json {
            guard let object = json.object else {
                throw .malformed(file, "\"prompts\": expected an object of texts by name, found \(json.kind)")
            }
            for member in object.members {
                // sentence-transformers takes null for the empty prompt.
                guard let text = member.value.isNull ? "" : member.value.string else {
                    throw .malformed(
                        file,
                        "prompt \(member.key.quotedForMessage): expected a text, found \(member.value.kind)")
                }
                all.append(Prompt(name: member.key, text: text))
            }
        }
        self.init(all, defaultName: defaultName)
        if let defaultName, self[defaultName] == nil {
            // sentence-transformers gives every model the empty prompts "query" and "document".
            guard defaultName == "query" || defaultName == "document" else {
                throw .malformed(
                    file,
                    "\"default_prompt_name\" is \(defaultName.quotedForMessage), but the model has \(namesForMessage)"
                )
            }
        }
    }

    package subscript(name: String) -> String? { all.last { $0.name == name }?.text }

    package var dictionary: [String: String] {
        Dictionary(all.map { ($0.name, $0.text) }, uniquingKeysWith: { _, last in last })
    }

    /// What is put before a text; empty for nothing.
    ///
    /// Roles follow `encode_query` and `encode_document` of sentence-transformers: neither falls back to the
    /// default prompt.
    package func text(for role: TextRole?) throws(MartletError) -> String {
        guard let role else { return defaultName.flatMap { self[$0] } ?? "" }
        switch role.kind {
        case .query: return self["query"] ?? ""
        case .document: return self["document"] ?? self["passage"] ?? self["corpus"] ?? ""
        case .named(let name):
            guard let text = self[name] else {
                throw MartletError(
                    .invalidOption,
                    "this model has no prompt \(name.quotedForMessage): it has \(namesForMessage)")
            }
            return text
        }
    }

    private var namesForMessage: String {
        all.isEmpty ? "no prompts" : "the prompts " + all.map(\.name.quotedForMessage).joined(separator: ", ")
    }

    var json: String {
        var bytes: [UInt8] = []
        let members = all.map { JSONObject.Member(key: $0.name, value: .string($0.text)) }
        JSONText.append(JSONValue.object(JSONObject(members)), to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
