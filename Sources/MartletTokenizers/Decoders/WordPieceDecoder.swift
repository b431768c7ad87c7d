/// `WordPiece`: pieces with a space before each that is no continuation.
struct WordPieceDecoder: Decoder, Equatable {
    let prefix: [UInt8]
    /// Takes back the space that tokenization put before punctuation and English contractions.
    let cleansUp: Bool

    private static let cleanups: [(String, String)] = [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"),
        (" do not", " don't"),
        (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ]

    init(prefix: String, cleansUp: Bool) {
        self.prefix = Array(prefix.utf8)
        self.cleansUp = cleansUp
    }

    func decode(_ tokens: [[UInt8]]) -> [[UInt8]] {
        tokens.enumerated().map { index, token in
            var piece = token
            if index > 0 {
                if piece.starts(with: prefix) {
                    piece.removeFirst(prefix.count)
                } else {
                    piece.insert(0x20, at: 0)
                }
            }
            if cleansUp {
                for (from, to) in Self.cleanups {
                    piece = Self.replace(Array(from.utf8), with: Array(to.utf8), in: piece)
                }
            }
            return piece
        }
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

extension WordPieceDecoder {
    init(_ field: Field) throws(TokenizerError) {
        self.init(prefix: try field["prefix"].string(or: "##"), cleansUp: try field["cleanup"].bool(or: true))
    }
}
