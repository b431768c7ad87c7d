import Martlet

/// The first 128 bits of a text's SHA-256: two texts with one digest are one text.
package struct TextDigest: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package init(of text: String) {
        let digits = SHA256.digest(of: text)
        high = UInt64(digits.prefix(16), radix: 16) ?? 0
        low = UInt64(digits.dropFirst(16).prefix(16), radix: 16) ?? 0
    }

    /// nil: other than 32 hexadecimal digits.
    init?(_ digits: String) {
        guard digits.utf8.count == 32, let high = UInt64(digits.prefix(16), radix: 16),
            let low = UInt64(digits.suffix(16), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }

    /// 32 hexadecimal digits.
    package var description: String {
        [high, low].map { value in
            let digits = String(value, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
