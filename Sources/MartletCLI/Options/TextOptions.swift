#if Command

import ArgumentParser
import Martlet

/// What is done with each text.
struct TextOptions: ParsableArguments {
    @Option(
        name: .customLong("as"),
        help: ArgumentHelp(
            "What the texts are: query, document, or the name of one of the model's prompts.",
            valueName: "role"))
    var role: String?

    @Option(
        help: ArgumentHelp(
            "Put before each text, literally; replaces the prompt of the role.", valueName: "text"))
    var prompt: String?

    @Option(
        help: ArgumentHelp("Keep the first n dimensions and normalise again (Matryoshka).", valueName: "n"))
    var dimensions: Int?

    @Flag(help: "Leave the vectors at the length that pooling gives them.")
    var noNormalize = false

    @Option(
        help:
            "What happens to a text that is too long: cut where the model says, at the end, or at the start, or an error."
    )
    var truncate: TruncationPolicy = .native

    func validate() throws {
        if let dimensions, dimensions < 1 {
            throw CommandError.usage("--dimensions \(dimensions): expected at least 1")
        }
        if role?.isEmpty == true {
            throw CommandError.usage("--as: expected query, document or the name of a prompt")
        }
    }

    var textRole: TextRole? { Self.role(role) }

    var embedOptions: EmbedOptions {
        EmbedOptions(
            dimensions: dimensions, normalize: noNormalize ? false : nil, truncation: truncate, prompt: prompt
        )
    }

    static func role(_ name: String?) -> TextRole? {
        switch name {
        case nil: nil
        case "query"?: .query
        case "document"?: .document
        case .some(let name): TextRole(promptName: name)
        }
    }
}

#endif
