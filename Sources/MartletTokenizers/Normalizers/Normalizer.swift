/// Rewrites a text before it is split into words.
protocol Normalizer: Sendable {
    /// Appends the normalized form of UTF-8 `text` to `output`.
    func normalize(_ text: UnsafeBufferPointer<UInt8>, into output: ByteBuffer)
    /// Whether texts may be cut before an ASCII space or line end and normalized piece by piece.
    var isLocal: Bool { get }
    /// Whether uppercase and lowercase letters become the same, for descriptions.
    var lowercases: Bool { get }
}

struct NormalizerSequence: Normalizer {
    let parts: [any Normalizer]

    var isLocal: Bool { parts.allSatisfy(\.isLocal) }
    var lowercases: Bool { parts.contains(where: \.lowercases) }

    func normalize(_ text: UnsafeBufferPointer<UInt8>, into output: ByteBuffer) {
        guard let first = parts.first else { return output.append(text) }
        var current = ByteBuffer(capacity: text.count + 16)
        first.normalize(text, into: current)
        for part in parts.dropFirst() {
            let next = ByteBuffer(capacity: current.count + 16)
            part.normalize(current.bytes, into: next)
            current = next
        }
        output.append(current.bytes)
    }
}
