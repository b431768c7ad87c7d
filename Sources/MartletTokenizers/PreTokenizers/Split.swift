/// `Split` of tokenizer.json, and `CharDelimiterSplit`.
struct Split: PreTokenizer {
    let pattern: TextPattern
    let behavior: SplitBehavior
    let isInverted: Bool

    init(_ pattern: TextPattern, _ behavior: SplitBehavior, isInverted: Bool = false) {
        self.pattern = pattern
        self.behavior = behavior
        self.isInverted = isInverted
    }

    /// Whether the matches themselves are the words.
    private var takesMatches: Bool {
        pattern.coversAll && (behavior == .isolated || behavior == .removed && isInverted)
    }

    var isLocal: Bool { pattern.isLocal && takesMatches }

    func preTokenize(_ list: WordList) {
        if takesMatches {
            list.split { text, word, words in pattern.appendMatches(in: text, word, to: &words) }
        } else {
            var matches: [Range<Int>] = []
            list.split { text, word, words in
                matches.removeAll(keepingCapacity: true)
                pattern.appendMatches(in: text, word, to: &matches)
                behavior.appendWords(of: word, matches, isInverted: isInverted, to: &words)
            }
        }
    }
}

extension Split {
    init(_ field: Field) throws(TokenizerError) {
        self.init(
            try TextPattern(field["pattern"]), try SplitBehavior(field["behavior"]),
            isInverted: try field["invert"].bool(or: false))
    }

    /// `CharDelimiterSplit`: the delimiter goes.
    init(delimiter field: Field) throws(TokenizerError) {
        let delimiter = try field["delimiter"].string()
        guard delimiter.unicodeScalars.count == 1 else { throw field["delimiter"].wrong("one character") }
        self.init(.literal(Array(delimiter.utf8)), .removed)
    }
}
