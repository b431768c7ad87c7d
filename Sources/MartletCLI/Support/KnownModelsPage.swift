#if Command

import Martlet
import MartletHub

/// The table of known models in docs/MODELS.md, which a test compares with this.
enum KnownModelsPage {
    static let markdown: String = {
        let heading = [
            "name", "other names", "gives", "family", "dimensions", "max tokens", "pooling",
            "prompt: query; document", "parameters",
            "licence", "verified",
        ]
        var text =
            "| \(heading.joined(separator: " | ")) |\n|\(String(repeating: "---|", count: heading.count))\n"
        for model in KnownModels.all {
            let name = "[\(model.name)](https://huggingface.co/\(model.repository))"
            let prompts = [model.queryPrompt, model.documentPrompt].map { $0.map(code) ?? "" }
            let cells = [
                name, model.aliases.map { "`\($0)`" }.joined(separator: ", "), model.kind.rawValue,
                model.family,
                model.dimensions.map { "\($0)" } ?? "", "\(model.maxTokens)", model.pooling?.rawValue ?? "",
                prompts == ["", ""] ? "" : prompts.joined(separator: "; "), "\(model.millions) M",
                model.license, verified(model),
            ]
            text += "| " + cells.joined(separator: " | ") + " |\n"
        }
        return text
    }()

    private static func verified(_ model: KnownModel) -> String {
        if model.name == DefaultModel.name { return "vectors" }
        return model.kind == .static ? "" : "architecture"
    }

    private static func code(_ text: String) -> String {
        var escaped = ""
        for character in text {
            escaped += character == "\n" ? "\\n" : character == "|" ? "\\|" : String(character)
        }
        return "`\(escaped)`"
    }
}

#endif
