#if Command

internal import MartletSystem

/// Lines for a person, on stderr, each in one write so that they never mix with another process's.
enum Console {
    static func error(_ message: String) { write("martlet: error: \(oneLine(message))\n") }
    static func warning(_ message: String) { write("martlet: warning: \(oneLine(message))\n") }
    static func note(_ message: String) { write("martlet: \(message)\n") }

    static func write(_ text: String) {
        var text = text
        text.withUTF8 { _ = FileDescriptor.writeAll(2, UnsafeRawBufferPointer($0)) }
    }

    /// An error is one line whatever a file put into it.
    static func oneLine(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n", "\r", "\t": result.append(" ")
            case "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}": result.append("\u{FFFD}")
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

#endif
