/// Cuts between the sentences, lines and paragraphs of running text.
enum SentenceCuts {
    /// Adds the cuts between the ends of `range`. None is before white space that a line ends with, or before
    /// an empty line.
    static func add(
        to layout: inout Layout, of source: SourceText, _ range: Range<Int>,
        sentence: Cut.Strength = .sentence,
        line: Cut.Strength = .line, paragraph: Cut.Strength = .paragraph
    ) {
        var pending: Cut.Strength?
        SentenceBreaks.forEach(in: source, range) { offset, cause in
            guard cause == .line || isBetweenWords(source, offset), source.isGraphemeBoundary(offset) else {
                return
            }
            let strength = cause == .terminator ? sentence : line
            guard !isBlankLine(source, offset, range.upperBound) else {
                pending = paragraph
                return
            }
            layout.cut(at: offset, max(pending ?? strength, strength))
            pending = nil
        }
    }

    /// A sentence may end inside a word: the rules for words join letters around a full stop, those for
    /// sentences not in all scripts.
    private static func isBetweenWords(_ source: SourceText, _ offset: Int) -> Bool {
        let before = source.kind(before: offset)
        guard !before.isWhitespace else { return true }
        let joins: [WordClass] = [
            .midNumLet, .midLetter, .midNum, .singleQuote, .doubleQuote, .extend, .format, .joiner,
        ]
        return !joins.contains(before.word) || !source.kind(at: offset).word.isInWord
    }

    /// Whether nothing but white space is between `offset` and the end of its line.
    private static func isBlankLine(_ source: SourceText, _ offset: Int, _ end: Int) -> Bool {
        var position = offset
        while position < end {
            let (value, length) = source.scalar(at: position)
            let kind = BoundaryClasses.shared.kind(of: value)
            if kind.sentence.endsParagraph { return true }
            guard kind.isWhitespace else { return false }
            position += length
        }
        return true
    }
}
