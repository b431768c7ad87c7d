/// `ByteLevel`: the bytes that the tokens spell, as one text. A token that spells none stands as it is.
struct ByteLevelDecoder: Decoder {
    func decode(_ tokens: [[UInt8]]) -> [[UInt8]] {
        let bytes = tokens.flatMap { ByteAlphabet.bytes(spelledBy: $0) ?? $0 }
        return [Array(String(decoding: bytes, as: UTF8.self).utf8)]
    }
}

/// `ByteFallback`: runs of `<0x41>` become the text of their bytes, or a U+FFFD for each if they are not
/// UTF-8.
struct ByteFallbackDecoder: Decoder {
    func decode(_ tokens: [[UInt8]]) -> [[UInt8]] {
        var result: [[UInt8]] = []
        var run: [UInt8] = []
        func flush() {
            guard !run.isEmpty else { return }
            let isText = String(validating: run, as: UTF8.self) != nil
            result +=
                isText
                ? [run] : Array(repeating: UTF8.encodedReplacementCharacter.map { $0 }, count: run.count)
            run = []
        }
        for token in tokens {
            if let byte = Self.byte(token) {
                run.append(byte)
            } else {
                flush()
                result.append(token)
            }
        }
        flush()
        return result
    }

    private static func byte(_ token: [UInt8]) -> UInt8? {
        guard token.count == 6, token.starts(with: Array("<0x".utf8)), token[5] == UInt8(ascii: ">") else {
            return nil
        }
        return UInt8(String(decoding: token[3..<5], as: UTF8.self), radix: 16)
    }
}
