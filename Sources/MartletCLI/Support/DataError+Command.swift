#if Command

import MartletData

extension DataError {
    /// The message, with the options that do what it advises.
    var commandMessage: String { message(\.commandWords) }
}

extension Remedy {
    fileprivate var commandWords: String {
        switch self {
        case .advice(let text): text
        case .skipRecords: "pass --on-error skip to leave such texts out"
        case .nameTextField: "name the one that holds the text with --field"
        case .nameIDField: "name the one that holds the id with --id"
        case .readAs(let format, let purpose): "pass --input \(format) to \(purpose)"
        case .writeElsewhere: "write to another file with -o"
        case .checkPath: "check the path, or give the text itself without -f"
        }
    }
}

#endif
