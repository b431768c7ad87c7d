extension JSONReader {
    package mutating func readString() throws(JSONError) -> String {
        try openQuote()
        let start = position
        try scanPlain()
        if bytes[position] == UInt8(ascii: "\"") {
            let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self)
            position += 1
            return text
        }
        var buffer = [UInt8](UnsafeBufferPointer(rebasing: bytes[start..<position]))
        try readEscapes(appendingTo: &buffer)
        return String(decoding: buffer, as: UTF8.self)
    }

    /// Appends the string's bytes in UTF-8, escapes resolved.
    package mutating func readString(appendingTo buffer: inout [UInt8]) throws(JSONError) {
        try openQuote()
        let start = position
        try scanPlain()
        buffer.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<position]))
        try readEscapes(appendingTo: &buffer)
    }

    mutating func skipString() throws(JSONError) {
        try openQuote()
        while true {
            try scanPlain()
            if bytes[position] == UInt8(ascii: "\"") { break }
            _ = try readEscape()
        }
        position += 1
    }

    private mutating func openQuote() throws(JSONError) {
        guard try peek() == .string else { throw unexpectedKind("a string") }
        position += 1
    }

    private mutating func readEscapes(appendingTo buffer: inout [UInt8]) throws(JSONError) {
        while bytes[position] != UInt8(ascii: "\"") {
            let scalar = try readEscape()
            buffer.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            let start = position
            try scanPlain()
            buffer.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<position]))
        }
        position += 1
    }

    /// Moves to the next quote or backslash, which is there when this returns.
    private mutating func scanPlain() throws(JSONError) {
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return }
            if byte < 0x20 {
                throw unexpected("an escape such as \\n or \\u0000 in place of a control character")
            }
            if byte < 0x80 {
                position += 1
            } else {
                try scanMultibyte()
            }
        }
        throw unexpected("the closing quote of the string")
    }

    /// One scalar of two to four bytes, after table 3-7 of the Unicode standard: no overlong forms, no
    /// surrogates.
    private mutating func scanMultibyte() throws(JSONError) {
        let lead = bytes[position]
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw invalidUTF8()
        }
        guard bytes.count - position >= length, second.contains(bytes[position + 1]) else {
            throw invalidUTF8()
        }
        for index in 2..<max(2, length) where bytes[position + index] & 0xC0 != 0x80 { throw invalidUTF8() }
        position += length
    }

    private func invalidUTF8() -> JSONError {
        JSONError(.invalidUTF8, "the string is not valid UTF-8", at: position, in: bytes)
    }

    private mutating func readEscape() throws(JSONError) -> Unicode.Scalar {
        let start = position
        position += 1
        guard position < bytes.count else { throw unexpected("an escape") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "u"): break
        default:
            throw JSONError(
                .invalidEscape, "expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u", at: start, in: bytes)
        }
        var code = try readHex(start)
        if 0xD800...0xDBFF ~= code, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        {
            position += 2
            let low = try readHex(start)
            guard 0xDC00...0xDFFF ~= low else { throw lonely(start) }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw lonely(start) }
        return scalar
    }

    private func lonely(_ start: Int) -> JSONError {
        JSONError(.invalidEscape, "a \\u escape is half of a surrogate pair", at: start, in: bytes)
    }

    private mutating func readHex(_ start: Int) throws(JSONError) -> UInt32 {
        guard bytes.count - position >= 4 else {
            position = bytes.count
            throw unexpected("four hexadecimal digits after \\u")
        }
        var code: UInt32 = 0
        for _ in 0..<4 {
            let byte = bytes[position]
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default:
                throw JSONError(
                    .invalidEscape, "expected four hexadecimal digits after \\u", at: start, in: bytes)
            }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }
}
