/// Scalars in UTF-8 bytes. A byte that is not part of valid UTF-8 reads as U+FFFD.
enum UTF8Scalars {
    /// The scalar that begins at `position`, and its length.
    @inline(__always)
    static func decode(_ text: UnsafeBufferPointer<UInt8>, at position: Int) -> (scalar: UInt32, length: Int)
    {
        let lead = UInt32(text[position])
        if lead < 0x80 { return (lead, 1) }
        let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
        guard lead >= 0xC2, lead <= 0xF4, text.count - position >= length else { return (0xFFFD, 1) }
        var scalar = lead & (0x7F >> UInt32(length))
        for index in 1..<length {
            let byte = UInt32(text[position + index])
            guard byte & 0xC0 == 0x80 else { return (0xFFFD, 1) }
            scalar = scalar << 6 | byte & 0x3F
        }
        let isWellFormed =
            length == 2 || length == 3 && scalar >= 0x800 && scalar >> 11 != 0x1B
            || length == 4 && 0x10000...0x10FFFF ~= scalar
        return isWellFormed ? (scalar, length) : (0xFFFD, 1)
    }

    /// The scalar that ends before `position`, which is not 0.
    static func decode(_ text: UnsafeBufferPointer<UInt8>, before position: Int) -> (
        scalar: UInt32, length: Int
    ) {
        var start = position - 1
        while start > 0, position - start < 4, text[start] & 0xC0 == 0x80 { start -= 1 }
        let (scalar, length) = decode(text, at: start)
        return start + length == position ? (scalar, length) : (0xFFFD, 1)
    }
}
