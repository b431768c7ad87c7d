/// Why a file could not be opened, read or written. `message` is a sentence that names the file.
package struct FileError: Error, Sendable, CustomStringConvertible {
    package let path: String
    package let message: String
    /// The `errno` value that says why; 0 where the system did not refuse.
    package let code: Int32
    package var description: String { message }

    package init(path: String, message: String, code: Int32 = 0) {
        self.path = path
        self.message = message
        self.code = code
    }

    /// "cannot WHAT PATH: REASON", the reason of `code`, which is the last call's by default.
    package static func last(_ what: String, _ path: String, code: Int32 = errno) -> FileError {
        FileError(path: path, message: "cannot \(what) \(path): \(text(code))", code: code)
    }

    /// The system's words for an error number, which is the last call's by default.
    package static func text(_ code: Int32 = errno) -> String {
        strerror(code).map { String(cString: $0) } ?? "error \(code)"
    }
}
