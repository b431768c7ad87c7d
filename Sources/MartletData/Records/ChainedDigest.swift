internal import MartletSystem

/// A digest of ids and texts in their order: XXH64 over the digest before and the bytes that come. It notices
/// changes; it does not defend against somebody who makes two inputs with one digest.
package struct ChainedDigest: Equatable, Sendable, CustomStringConvertible {
    private var value: UInt64 = 0

    package init() {}

    package mutating func add(_ text: String) {
        var bytes = withUnsafeBytes(of: value.littleEndian) { Array($0) }
        bytes += text.utf8
        value = bytes.withUnsafeBytes { Checksum.xxh64($0) }
    }

    package mutating func add(_ id: RecordID) {
        switch id {
        case .none: add("n")
        case .text(let text): add("t\(text)")
        case .literal(let text): add("l\(text)")
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
