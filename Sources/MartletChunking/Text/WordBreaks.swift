/// Word boundaries by the default rules of Unicode Standard Annex 29, section 4.1.
enum WordBreaks {
    /// Calls `body` with each boundary between the ends of `range`, whose start is a boundary itself, until
    /// it returns false.
    static func forEach(in source: SourceText, _ range: Range<Int>, _ body: (_ offset: Int) -> Bool) {
        let classes = BoundaryClasses.shared
        var position = range.lowerBound
        /// The class before `position`, and the one before that, both without what rule WB4 ignores; nil:
        /// there is none.
        var previous: WordClass?
        var beforePrevious: WordClass?
        /// The class directly before `position`.
        var adjacent: WordClass?
        var indicators = 0
        while position < range.upperBound {
            let (scalar, length) = source.scalar(at: position)
            let kind = classes.kind(of: scalar).word
            if let adjacent, let previous {
                let joins = joins(adjacent, previous, kind, beforePrevious, indicators) {
                    following(source, position + length)
                }
                if !joins, !body(position) { return }
            }
            adjacent = kind
            if !kind.isIgnored || previous == nil || previous?.endsLine == true {
                beforePrevious = previous
                previous = kind
                indicators = kind == .regionalIndicator ? indicators + 1 : 0
            }
            position += length
        }
    }

    /// The next class that rule WB4 does not ignore.
    private static func following(_ source: SourceText, _ start: Int) -> WordClass? {
        var position = start
        while position < source.count {
            let (scalar, length) = source.scalar(at: position)
            let kind = BoundaryClasses.shared.kind(of: scalar).word
            if !kind.isIgnored { return kind }
            position += length
        }
        return nil
    }

    private static func joins(
        _ adjacent: WordClass, _ previous: WordClass, _ kind: WordClass, _ beforePrevious: WordClass?,
        _ indicators: Int,
        following: () -> WordClass?
    ) -> Bool {
        if adjacent == .carriageReturn, kind == .lineFeed { return true }  // WB3
        if adjacent.endsLine || kind.endsLine { return false }  // WB3a, WB3b
        if adjacent == .joiner, kind.isPicture { return true }  // WB3c
        if adjacent == .space, kind == .space { return true }  // WB3d
        if kind.isIgnored { return true }  // WB4
        let isMiddle = kind == .midLetter || kind == .midNumLet || kind == .singleQuote
        let wasMiddle = previous == .midLetter || previous == .midNumLet || previous == .singleQuote
        if previous.isLetter {
            if kind.isLetter || kind == .numeric { return true }  // WB5, WB9
            if isMiddle, following()?.isLetter == true { return true }  // WB6
        }
        if wasMiddle, kind.isLetter, beforePrevious?.isLetter == true { return true }  // WB7
        if previous == .hebrewLetter {
            if kind == .singleQuote { return true }  // WB7a
            if kind == .doubleQuote, following() == .hebrewLetter { return true }  // WB7b
        }
        let isHebrew = kind == .hebrewLetter && beforePrevious == .hebrewLetter
        if previous == .doubleQuote, isHebrew { return true }  // WB7c
        if previous == .numeric {
            if kind == .numeric || kind.isLetter { return true }  // WB8, WB10
            let isMiddle = kind == .midNum || kind == .midNumLet || kind == .singleQuote
            if isMiddle, following() == .numeric { return true }  // WB12
        }
        let wasMiddleOfNumber = previous == .midNum || previous == .midNumLet || previous == .singleQuote
        if wasMiddleOfNumber, kind == .numeric, beforePrevious == .numeric { return true }  // WB11
        if previous == .katakana, kind == .katakana { return true }  // WB13
        if kind == .extendNumLet, previous.isInWord { return true }  // WB13a
        if previous == .extendNumLet, kind.isInWord { return true }  // WB13b
        let isPair = previous == .regionalIndicator && kind == .regionalIndicator
        return isPair && indicators % 2 == 1  // WB15, WB16
    }
}
