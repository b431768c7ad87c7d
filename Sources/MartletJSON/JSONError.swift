/// Why a text is not the JSON that was expected, and where.
package struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        case unexpectedEnd, unexpectedByte, unexpectedKind, invalidNumber, invalidEscape, invalidUTF8,
            tooDeep, trailingBytes
    }

    package let code: Code
    /// What was expected and found, without the place.
    package let reason: String
    /// Bytes from the start of the text.
    package let offset: Int
    /// Counted from 1.
    package let line: Int
    /// Counted from 1, in Unicode scalars.
    package let column: Int

    package var message: String { "line \(line), column \(column) (byte \(offset)): \(reason)" }
    package var description: String { message }

    /// The place is worked out only when something is wrong, so that parsing does not count lines.
    init(_ code: Code, _ reason: String, at offset: Int, in bytes: UnsafeBufferPointer<UInt8>) {
        var line = 1
        var column = 1
        for byte in bytes.prefix(offset) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        self.code = code
        self.reason = reason
        self.offset = offset
        self.line = line
        self.column = column
    }
}
