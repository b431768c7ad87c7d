/// Where code may be cut: best between declarations of the outermost level, then at empty lines, then at
/// other lines, the less nested the better; never inside a comment or a string, if the language is known and
/// the cut can be elsewhere.
enum CodeLayout {
    static func layout(of source: SourceText, _ language: CodeLanguage) -> Layout {
        var layout = Layout()
        var previous: CodeLines.Line?
        var followsBlank = false
        for line in CodeLines.all(of: source, language) {
            if line.isBlank {
                followsBlank = true
                continue
            }
            if let previous { layout.cut(at: line.offset, strength(line, previous, followsBlank, language)) }
            previous = line
            followsBlank = false
        }
        return layout
    }

    private static func strength(
        _ line: CodeLines.Line, _ previous: CodeLines.Line, _ followsBlank: Bool, _ language: CodeLanguage
    ) -> Cut.Strength {
        guard !line.isInside else { return .inner }
        let nesting = nesting(line, language)
        let endsNesting = nesting == 0 && (self.nesting(previous, language) > 0 || previous.continues)
        // A comment right above belongs to the line, as what continues a statement belongs to it.
        if line.continues || previous.leads && !followsBlank { return .inner }
        if followsBlank || endsNesting {
            switch nesting {
            case 0: return .block
            case 1: return .paragraph
            default: return .sentence
            }
        }
        return nesting <= 1 ? .line : .inner
    }

    private static func nesting(_ line: CodeLines.Line, _ language: CodeLanguage) -> Int {
        language.isIndented ? max(line.depth, (line.indent + 3) / 4) : line.depth
    }
}
