/// English-like texts from a seed: common words, some that WordPiece splits, punctuation, capitals, a few
/// letters beyond ASCII.
struct GateTexts {
    private static let words = [
        "the", "of", "and", "to", "in", "a", "is", "for", "on", "that", "with", "as", "it", "from", "by",
        "at", "library", "tool",
        "package", "documentation", "server", "database", "network", "river", "water", "mountain", "question",
        "answer", "history",
        "unaffable", "tokenization", "microbenchmarks", "synchronously", "Zusammenfassung", "naïve", "café",
        "2026", "3.14", "e-mail",
        "don't", "C++", "München", "embeddings", "quantised",
    ]
    private static let ends = ["", "", "", "", ",", ",", ".", "?", ";", " –"]
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// `count` texts of `words` words.
    func texts(count: Int, words: Int) -> [String] {
        var copy = self
        return (0..<count).map { _ in
            (0..<words).map { _ in
                Self.words[copy.below(Self.words.count)] + Self.ends[copy.below(Self.ends.count)]
            }.joined(separator: " ")
        }
    }

    /// Numbers as vectors of unit length have them: mostly below 0.1.
    static func numbers(count: Int) -> [Float] {
        var texts = GateTexts(seed: 2)
        return (0..<count).map { _ in
            (0..<4).reduce(0) { sum, _ in sum + Float(texts.below(1 << 24)) * 0x1p-24 - 0.5 } * 0.09
        }
    }

    /// A linear congruential generator (Knuth's MMIX), of which the upper bits are used.
    private mutating func below(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }
}
