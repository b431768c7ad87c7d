extension Precompiled {
    /// `{"type": "Precompiled", "precompiled_charsmap": "base64"}`
    init(_ field: Field) throws(TokenizerError) {
        let map = field["precompiled_charsmap"]
        // Some files leave it empty: no rules.
        let text = try map.string(or: "")
        if text.isEmpty {
            self.init(Charsmap())
            return
        }
        guard let bytes = Base64.decode(text), let charsmap = Charsmap(bytes) else {
            throw TokenizerError(
                .invalidField,
                "expected \(map.path) to be a SentencePiece charsmap in base64: a size, a double array, replacements",
                file: field.file)
        }
        self.init(charsmap)
    }
}

/// RFC 4648, with padding.
enum Base64 {
    static func decode(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count % 4 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 4 * 3)
        let padding = digits.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        guard padding <= 2 else { return nil }
        var word: UInt32 = 0
        for (index, digit) in digits.enumerated() {
            let value: UInt8
            switch digit {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = digit - UInt8(ascii: "A")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = digit - UInt8(ascii: "a") + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0") + 52
            case UInt8(ascii: "+"): value = 62
            case UInt8(ascii: "/"): value = 63
            case UInt8(ascii: "=") where index >= digits.count - padding: value = 0
            default: return nil
            }
            word = word << 6 | UInt32(value)
            if index % 4 == 3 {
                bytes.append(UInt8(truncatingIfNeeded: word >> 16))
                bytes.append(UInt8(truncatingIfNeeded: word >> 8))
                bytes.append(UInt8(truncatingIfNeeded: word))
                word = 0
            }
        }
        bytes.removeLast(padding)
        return bytes
    }
}
