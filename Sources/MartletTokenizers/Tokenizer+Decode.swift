/// Pieces to text: `WordPiece` under `decoder` of tokenizer.json.
struct WordPieceDecoder: Sendable, Equatable {
    let prefix: String
    /// Takes back the space that tokenization put before punctuation and English contractions.
    let cleansUp: Bool

    private static let cleanups: [(String, String)] = [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" do not", " don't"),
        (" 's", "'s"),
        (" 've", "'ve"), (" 're", "'re"),
    ]

    func decode(_ tokens: [String]) -> String {
        var text: [UInt8] = []
        let prefix = Array(self.prefix.utf8)
        for (index, token) in tokens.enumerated() {
            var piece = Array(token.utf8)
            if index > 0 {
                if piece.starts(with: prefix) { piece.removeFirst(prefix.count) } else { piece.insert(0x20, at: 0) }
            }
            if cleansUp {
                for (from, to) in Self.cleanups { piece = Self.replace(Array(from.utf8), with: Array(to.utf8), in: piece) }
            }
            text += piece
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func replace(_ from: [UInt8], with to: [UInt8], in text: [UInt8]) -> [UInt8] {
        guard text.count >= from.count else { return text }
        var result: [UInt8] = []
        var position = 0
        while position < text.count {
            if text[position...].starts(with: from) {
                result += to
                position += from.count
            } else {
                result.append(text[position])
                position += 1
            }
        }
        return result
    }
}

extension Tokenizer {
    /// The text of the ids, as far as it can be told: white space and what normalization removed are gone. Ids without a token are
    /// left out.
    package func decode(_ ids: [Int32], skipSpecialTokens: Bool = true) -> String {
        let tokens = ids.compactMap { id -> String? in
            if skipSpecialTokens, added[id]?.isSpecial == true { return nil }
            return token(id: Int(id))
        }
        return decoder?.decode(tokens) ?? tokens.joined(separator: " ")
    }
}
