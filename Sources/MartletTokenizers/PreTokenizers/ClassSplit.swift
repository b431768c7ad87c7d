/// Pre-tokenizers that split by a property of characters: `Whitespace`, `Digits`, `Punctuation`.
struct ClassSplit: PreTokenizer {
    enum Kind: Sendable {
        /// Words, and runs of what is neither word nor white space.
        case words
        /// Every character of a kind alone, or runs of them, or as `SplitBehavior` says.
        case flagged(UnicodeTables.Flags, SplitBehavior)
    }

    let kind: Kind

    var isLocal: Bool {
        if case .words = kind { true } else { false }
    }

    func preTokenize(_ list: WordList) {
        switch kind {
        case .words: list.split(Self.appendWords)
        case .flagged(let flag, let behavior):
            var matches: [Range<Int>] = []
            list.split { text, word, words in
                matches.removeAll(keepingCapacity: true)
                var position = word.lowerBound
                while position < word.upperBound {
                    let (scalar, length) = UTF8Scalars.decode(text, at: position)
                    if UnicodeTables.shared.flags(of: scalar).contains(flag) {
                        matches.append(position..<position + length)
                    }
                    position += length
                }
                behavior.appendWords(of: word, matches, to: &words)
            }
        }
    }

    /// `\w+|[^\w\s]+`
    private static func appendWords(
        _ text: UnsafeBufferPointer<UInt8>, _ word: Range<Int>, to words: inout [Range<Int>]
    ) {
        enum Class { case space, word, other }
        var start = word.lowerBound
        var current = Class.space
        var position = start
        while position < word.upperBound {
            let (scalar, length) = UTF8Scalars.decode(text, at: position)
            let flags = UnicodeTables.shared.flags(of: scalar)
            let next: Class = flags.contains(.word) ? .word : flags.contains(.whitespace) ? .space : .other
            if next != current {
                if current != .space { words.append(start..<position) }
                (start, current) = (position, next)
            }
            position += length
        }
        if current != .space, start < position { words.append(start..<position) }
    }
}

extension ClassSplit {
    init(digits field: Field) throws(TokenizerError) {
        kind = .flagged(.numeric, try field["individual_digits"].bool(or: false) ? .isolated : .contiguous)
    }

    init(punctuation field: Field) throws(TokenizerError) {
        kind = .flagged(.punctuation, try SplitBehavior(field["behavior"], or: .isolated))
    }
}
