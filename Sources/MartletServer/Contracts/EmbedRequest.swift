#if Server

internal import Martlet
internal import MartletJSON

/// What a route wants to have embedded, in terms of the library.
struct EmbedRequest: Sendable {
    /// nil: the server's first model.
    var model: String?
    var inputs: [TextInput]
    /// The member that holds the texts, for messages.
    var parameter: String
    var role: TextRole?
    /// The task whose adapter the model is to have, if it has one for each of several tasks.
    var task: String?
    var options = EmbedOptions()
    /// The most tokens of a text, if that is less than what the model takes.
    var maxTokens: Int?
    /// Seconds to stay loaded afterwards; negative: for good; nil: as the server says.
    var keepAlive: Int?

    /// For a model that was loaded with the request's task: the prompt of the task is its default.
    func fitted(to model: ServedModel) -> EmbedRequest {
        guard let task, model.info.task == task else { return self }
        var request = self
        request.role = nil
        return request
    }

    var batch: EmbedService.Batch {
        .init(bytes: inputs.reduce(0) { $0 + $1.bytes }, parameter: parameter)
    }
}

extension RequestFields {
    /// `prompt` puts a text before each input; `prompt_name` names one of the model's prompts; `input_type`,
    /// or Jina's `task`, says what the texts are.
    func role(into options: inout EmbedOptions) throws(ServiceError) -> TextRole? {
        let named = ["prompt", "prompt_name", "input_type"].filter { value($0) != nil }
        if named.count > 1 { throw .both(named[0], named[1]) }
        options.prompt = try string("prompt")
        if let name = try string("prompt_name") { return TextRole(promptName: name) }
        guard let type = try string("input_type") else { return try jinaTask() }
        if value("task") != nil { throw .both("input_type", "task") }
        switch type.lowercased() {
        case "query", "search_query": return .query
        case "document", "passage", "search_document": return .document
        // Cohere's others, which ask for no prompt.
        case "classification", "clustering", "none": return nil
        default:
            throw .invalid("input_type", "input_type is \(type.quotedForMessage), expected query or document")
        }
    }

    /// Jina's `task`: the kinds that ask for no prompt mean the same as none.
    private func jinaTask() throws(ServiceError) -> TextRole? {
        switch try string("task") {
        case "retrieval.query"?: .query
        case "retrieval.passage"?: .document
        default: nil
        }
    }

    /// TEI's `truncate` and `truncation_direction`. Without `truncate` texts are cut, as its auto-truncate
    /// does.
    func truncation() throws(ServiceError) -> TruncationPolicy {
        let direction = try choice("truncation_direction", ["right", "left"])
        guard try bool("truncate") ?? true else { return .error }
        return direction == "left" ? .start : direction == "right" ? .end : .native
    }

    /// `truncate` in the forms that OpenAI-like servers have: a boolean, or Cohere's and NVIDIA's NONE, START
    /// and END; Voyage's `truncation` is a boolean.
    func truncationPolicy() throws(ServiceError) -> TruncationPolicy {
        guard let value = value("truncate") else { return try bool("truncation") ?? true ? .native : .error }
        if self.value("truncation") != nil { throw .both("truncate", "truncation") }
        if let bool = value.bool { return bool ? .native : .error }
        switch value.string?.lowercased() {
        case "end", "right": return .end
        case "start", "left": return .start
        case "none", "error": return .error
        default:
            throw .invalid(
                "truncate", "truncate: expected true, false, END, START or NONE, found \(value.kind)")
        }
    }

    /// Ollama's `keep_alive`: seconds, or a duration such as "5m".
    func keepAlive() throws(ServiceError) -> Int? {
        guard let value = value("keep_alive") else { return nil }
        if let seconds = value.double, seconds.isFinite { return seconds < 0 ? -1 : Int(min(seconds, 1e9)) }
        if let text = value.string, let seconds = Duration.seconds(text) { return seconds }
        throw .invalid(
            "keep_alive", "keep_alive: expected seconds or a duration such as \"5m\", found \(value.kind)")
    }
}

extension Duration {
    /// The seconds of a text such as "90", "1.5h", "1h30m" or "-1"; negative ones are -1, for ever.
    static func seconds(_ text: String) -> Int? {
        if let plain = Double(text), plain.isFinite { return plain < 0 ? -1 : Int(min(plain, 1e9)) }
        let units: [(String, Double)] = [
            ("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("s", 1), ("m", 60), ("h", 3600),
            ("d", 86400),
        ]
        var rest = text[...]
        let isNegative = rest.first == "-"
        if isNegative { rest.removeFirst() }
        guard !rest.isEmpty else { return nil }
        var total = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            guard let number = Double(digits), number.isFinite else { return nil }
            rest = rest.dropFirst(digits.count)
            let word = rest.prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
            guard let unit = units.first(where: { $0.0 == word }) else { return nil }
            total += number * unit.1
            rest = rest.dropFirst(word.count)
        }
        return isNegative ? -1 : Int(min(total, 1e9))
    }
}

#endif
