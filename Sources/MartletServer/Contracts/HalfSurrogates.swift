#if Server

/// Escapes of JSON text that are half of a surrogate pair: programs that cut text by UTF-16 units send them.
enum HalfSurrogates {
    /// The text with U+FFFD in their place, which is as long; nil: it has none.
    static func replaced(in text: UnsafeRawBufferPointer) -> (bytes: [UInt8], count: Int)? {
        var bytes = Array(text)
        var count = 0
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "\\") else {
                index += 1
                continue
            }
            guard let unit = unit(bytes, at: index) else {
                index += 2
                continue
            }
            if 0xD800..<0xDC00 ~= unit, let next = self.unit(bytes, at: index + 6), 0xDC00..<0xE000 ~= next {
                index += 12
                continue
            }
            if 0xD800..<0xE000 ~= unit {
                bytes.replaceSubrange(index + 2..<index + 6, with: "FFFD".utf8)
                count += 1
            }
            index += 6
        }
        return count > 0 ? (bytes, count) : nil
    }

    /// The UTF-16 unit of the escape `\u` at a place; nil: there is none.
    private static func unit(_ bytes: [UInt8], at index: Int) -> Int? {
        guard index + 6 <= bytes.count, bytes[index] == UInt8(ascii: "\\"),
            bytes[index + 1] == UInt8(ascii: "u")
        else { return nil }
        return Int(String(decoding: bytes[index + 2..<index + 6], as: UTF8.self), radix: 16)
    }
}

#endif
