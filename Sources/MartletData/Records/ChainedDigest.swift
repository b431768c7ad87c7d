internal import MartletSystem

/// A digest of ids and texts in their order: XXH64 of each, with the digest of those before as the seed. It
/// notices changes; it does not defend against somebody who makes two inputs with one digest.
package struct ChainedDigest: Equatable, Sendable, CustomStringConvertible {
    private var value: UInt64 = 0

    package init() {}

    package mutating func add(_ text: String) { value = Checksum.xxh64(text, seed: value) }

    package mutating func add(_ id: RecordID) {
        switch id {
        case .none: add("none")
        case .text(let text):
            add("text")
            add(text)
        case .literal(let text):
            add("literal")
            add(text)
        }
    }

    // MARK: As text

    /// Hexadecimal digits.
    package var description: String { String(value, radix: 16) }

    package init?(_ digits: some StringProtocol) {
        guard let value = UInt64(digits, radix: 16) else { return nil }
        self.value = value
    }
}
