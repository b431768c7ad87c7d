#if Command

import Martlet

/// Texts of a wanted number of tokens, made of words that are one token each in any English vocabulary.
struct BenchTexts {
    private static let words = [
        "the", "house", "was", "near", "a", "river", "and", "people", "came", "from", "many", "places", "to",
        "see", "how", "water",
        "could",
        "move", "through", "old", "stone", "walls", "in", "summer", "they", "often", "found", "new",
        "friends", "there",
    ]
    private let embedder: Embedder

    init(_ embedder: Embedder) { self.embedder = embedder }

    /// Different texts of `tokens` tokens each.
    func block(count: Int, tokens: Int) throws -> [String] {
        let special = try embedder.tokenize("").ids.count
        let words = max(1, tokens - special)
        return (0..<count).map { text in
            (0..<words).map { Self.words[(text * 7 + $0 * (1 + text % 11)) % Self.words.count] }.joined(
                separator: " ")
        }
    }
}

#endif
