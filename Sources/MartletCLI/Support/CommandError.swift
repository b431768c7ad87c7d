#if Command

internal import MartletSystem

/// A failure that the command reports as one line, `martlet: error: MESSAGE`, and the status it ends with.
///
/// The message reads `PLACE: what is wrong; what to do`.
struct CommandError: Error, Sendable, CustomStringConvertible, Equatable {
    let message: String
    let status: ExitStatus

    init(_ message: String, status: ExitStatus = .failed) {
        self.message = message
        self.status = status
    }

    var description: String { message }

    /// Options or arguments that do not make sense: the caller's mistake, not the data's.
    static func usage(_ message: String) -> CommandError { CommandError(message, status: .usage) }

    /// The last system error, with what was being done.
    static func system(_ what: String, code: Int32, hint: String? = nil) -> CommandError {
        CommandError("\(what): \(FileError.text(code))" + (hint.map { "; \($0)" } ?? ""))
    }
}

enum ExitStatus: Int32, Sendable {
    case success = 0
    case failed = 1
    case usage = 2
    case interrupted = 130
    case terminated = 143
}

#endif
