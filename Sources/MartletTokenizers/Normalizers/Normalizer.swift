/// Rewrites a text before it is split into words.
protocol Normalizer: Sendable {
    /// Appends the normalized form of `text` to `output`.
    func normalize(_ text: AlignedText, into output: TextBuffer)
    /// Whether texts may be cut before an ASCII space that follows a printable ASCII character, and
    /// normalized piece by piece: the pieces then end and begin with such characters again.
    var isLocal: Bool { get }
    /// Whether uppercase and lowercase letters become the same, for descriptions.
    var lowercases: Bool { get }
}

extension Normalizer {
    var lowercases: Bool { false }
}

/// `Sequence` of tokenizer.json.
struct NormalizerSequence: Normalizer {
    let parts: [any Normalizer]

    var isLocal: Bool { parts.allSatisfy(\.isLocal) }
    var lowercases: Bool { parts.contains(where: \.lowercases) }

    func normalize(_ text: AlignedText, into output: TextBuffer) {
        guard let first = parts.first, let last = parts.last else { return output.copy(text, 0..<text.count) }
        guard parts.count > 1 else { return first.normalize(text, into: output) }
        func buffer(_ count: Int) -> TextBuffer {
            let buffer = TextBuffer(capacity: count + 16)
            buffer.tracksAlignment = output.tracksAlignment
            return buffer
        }
        var current = buffer(text.count)
        var spare = buffer(text.count)
        first.normalize(text, into: current)
        for part in parts[1..<parts.count - 1] {
            spare.removeAll()
            current.withText { part.normalize($0, into: spare) }
            swap(&current, &spare)
        }
        current.withText { last.normalize($0, into: output) }
    }
}
