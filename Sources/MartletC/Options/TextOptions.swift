import Martlet

/// The options of calls that embed texts.
struct TextOptions {
    var role: TextRole?
    var embed = EmbedOptions()

    init(_ json: UnsafePointer<CChar>?) throws(CallError) {
        guard json != nil else { return }
        var reader = try OptionReader(json)
        role = try reader.role()
        embed.prompt = try reader.string("prompt")
        embed.pooling = try reader.choice("pooling") ?? .native
        embed.dimensions = try reader.integer("dimensions")
        embed.normalize = try reader.flag("normalize")
        embed.maxActiveDimensions = try reader.integer("max_active_dimensions")
        embed.truncation = try reader.choice("truncation") ?? .native
        try reader.finish()
    }

    /// Of calls that count tokens, which make no vectors.
    init(counting json: UnsafePointer<CChar>?) throws(CallError) {
        guard json != nil else { return }
        var reader = try OptionReader(json)
        role = try reader.role()
        embed.prompt = try reader.string("prompt")
        try reader.finish()
    }
}

extension OptionReader {
    /// `role`, or `prompt_name` for the name of one of the model's prompts.
    mutating func role() throws(CallError) -> TextRole? {
        let (role, name) = (try string("role"), try string("prompt_name"))
        guard role == nil || name == nil else {
            throw .option("role and prompt_name exclude each other; give one")
        }
        if let name { return TextRole(promptName: name) }
        switch role {
        case nil: return nil
        case "query": return .query
        case "document": return .document
        case let other?:
            throw .option("option \"role\" is \"\(other)\"; expected query or document, or give prompt_name")
        }
    }
}
