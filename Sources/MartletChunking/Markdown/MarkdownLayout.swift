/// Where a Markdown text may be cut: always before a heading, best between blocks, then between sentences;
/// inside a list, a table or code only where that alone is too large.
enum MarkdownLayout {
    static func layout(of source: SourceText) -> Layout {
        var layout = Layout()
        var path: [(level: Int, title: String)] = []
        var followsHeading = true
        var firstHeading = 0
        for block in MarkdownBlocks.all(of: source) {
            if case .heading(let level) = block.kind {
                // Headings without text between them stay together.
                layout.cut(at: block.range.lowerBound, followsHeading ? .line : .section)
                if !followsHeading || path.isEmpty { firstHeading = block.range.lowerBound }
                path.removeAll { $0.level >= level }
                path.append((level, title(source, block.range)))
                layout.headings.append((firstHeading, path.map(\.title)))
                followsHeading = true
                continue
            }
            // A heading stays with what follows it.
            layout.cut(at: block.range.lowerBound, followsHeading ? .line : .block)
            followsHeading = false
            addInner(block, source, to: &layout)
        }
        return layout
    }

    private static func addInner(
        _ block: MarkdownBlocks.Block, _ source: SourceText, to layout: inout Layout
    ) {
        switch block.kind {
        case .paragraph: SentenceCuts.add(to: &layout, of: source, block.range)
        case .quote:
            SentenceCuts.add(to: &layout, of: source, block.range, sentence: .inner, paragraph: .item)
        case .html: SentenceCuts.add(to: &layout, of: source, block.range, sentence: .inner, paragraph: .line)
        case .list: addItems(block.range, source, to: &layout)
        case .code, .table: addLines(block.range, source, to: &layout)
        case .heading, .rule: break
        }
    }

    private static func addLines(_ range: Range<Int>, _ source: SourceText, to layout: inout Layout) {
        var position = source.lineEnd(from: range.lowerBound, to: range.upperBound)
        while position < range.upperBound {
            layout.cut(at: position, .line)
            position = source.lineEnd(from: position, to: range.upperBound)
        }
    }

    /// Between the items of the outermost level, then between other lines that begin an item, then between
    /// sentences.
    private static func addItems(_ range: Range<Int>, _ source: SourceText, to layout: inout Layout) {
        var items: [(offset: Int, indent: Int)] = []
        var lines = MarkdownLines(source, from: range.lowerBound)
        while let line = lines.current, line.range.lowerBound < range.upperBound {
            if line.form == .item { items.append((line.range.lowerBound, line.indent)) }
            lines.advance()
        }
        let outermost = (items.map(\.indent).min() ?? 0) + 1
        let ends = items.dropFirst().map(\.offset) + [range.upperBound]
        for (item, end) in zip(items, ends) {
            if item.offset > range.lowerBound {
                layout.cut(at: item.offset, item.indent <= outermost ? .item : .line)
            }
            SentenceCuts.add(
                to: &layout, of: source, item.offset..<end, sentence: .inner, line: .inner, paragraph: .line)
        }
    }

    /// The text of a heading without its marks.
    private static func title(_ source: SourceText, _ range: Range<Int>) -> String {
        var text = source.text(in: range)[...]
        func trim() {
            text = text.drop(while: \.isWhitespace)
            while text.last?.isWhitespace == true { text.removeLast() }
        }
        trim()
        if text.first == "#" {
            text = text.drop { $0 == "#" }
            let closed = text.reversed().drop { $0 == "#" }
            // Marks at the end belong to the heading's form if a space is before them.
            if closed.count < text.count, closed.first?.isWhitespace ?? true {
                text = text.dropLast(text.count - closed.count)
            }
        } else if let newline = text.lastIndex(where: \.isNewline) {
            text = text[..<newline]
        }
        trim()
        return text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
