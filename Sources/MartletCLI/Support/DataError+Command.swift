#if Command

import ArgumentParser
import MartletData

extension DataError {
    /// The message, with the options of a command that do what it advises.
    func message(in command: (any ParsableCommand)?) -> String {
        let canSkip = command is EmbedCommand || command is RerankCommand || command is ChunkCommand
        return message { $0.words(isEmbed: command is EmbedCommand, canSkip: canSkip) }
    }
}

extension Remedy {
    /// Nil where a command has no option for it.
    fileprivate func words(isEmbed: Bool, canSkip: Bool) -> String? {
        switch self {
        case .advice(let text): text
        case .skipRecords: canSkip ? "pass --on-error skip to leave such texts out" : nil
        case .nameTextField: "name the one that holds the text with --field"
        case .nameIDField: "name the one that holds the id with --id"
        case .readAs(let format, let purpose): "pass --input \(format) to \(purpose)"
        case .writeElsewhere: isEmbed ? "write to another file with -o" : "write to another place"
        case .checkPath: isEmbed ? "check the path, or give the text itself without -f" : "check the path"
        }
    }
}

#endif
