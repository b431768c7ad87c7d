#if Server

/// RFC 4648, with padding.
enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The text of floats as 32-bit little-endian numbers: what OpenAI's clients decode.
    static func append(_ floats: [Float], to output: inout [UInt8]) {
        output.reserveCapacity(output.count + (floats.count * 4 + 2) / 3 * 4)
        #if _endian(little)
        floats.withUnsafeBytes { append($0, to: &output) }
        #else
        floats.map(\.bitPattern.littleEndian).withUnsafeBytes { append($0, to: &output) }
        #endif
    }

    static func append(_ bytes: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        alphabet.withUnsafeBufferPointer { alphabet in
            var index = 0
            while index + 3 <= bytes.count {
                let group = Int(bytes[index]) << 16 | Int(bytes[index + 1]) << 8 | Int(bytes[index + 2])
                output.append(alphabet[group >> 18])
                output.append(alphabet[group >> 12 & 63])
                output.append(alphabet[group >> 6 & 63])
                output.append(alphabet[group & 63])
                index += 3
            }
            guard index < bytes.count else { return }
            let group = Int(bytes[index]) << 16 | (index + 1 < bytes.count ? Int(bytes[index + 1]) << 8 : 0)
            output.append(alphabet[group >> 18])
            output.append(alphabet[group >> 12 & 63])
            output.append(index + 1 < bytes.count ? alphabet[group >> 6 & 63] : UInt8(ascii: "="))
            output.append(UInt8(ascii: "="))
        }
    }
}

#endif
