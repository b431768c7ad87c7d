internal import MartletHTML

extension HTMLReader: SourcePlaces {}

/// Where the visible text of HTML may be cut, as in ``MarkdownLayout``.
enum HTMLLayout {
    static func reading(_ source: SourceText) -> Reading {
        let reader = HTMLReader(source.bytes)
        let visible = SourceText(String(decoding: reader.visible, as: UTF8.self))
        return Reading(visible: visible, layout: layout(visible, reader.blocks), places: reader)
    }

    private static func layout(_ visible: SourceText, _ blocks: [HTMLReader.Block]) -> Layout {
        var layout = Layout()
        var path: [(level: Int, title: String)] = []
        var followsHeading = true
        var firstHeading = 0
        var whole: Int?
        for (index, block) in blocks.enumerated() {
            let end = index + 1 < blocks.count ? blocks[index + 1].start : visible.count
            if let level = block.headingLevel {
                layout.cut(at: block.start, followsHeading ? .line : .section)
                if !followsHeading || path.isEmpty { firstHeading = block.start }
                path.removeAll { $0.level >= level }
                path.append((level, title(visible.text(in: block.start..<end))))
                layout.headings.append((firstHeading, path.map(\.title)))
                followsHeading = true
                whole = nil
                continue
            }
            let continues = block.whole != nil && block.whole == whole
            layout.cut(
                at: block.start, continues ? (block.isItem ? .item : .line) : followsHeading ? .line : .block)
            SentenceCuts.add(
                to: &layout, of: visible, block.start..<end,
                sentence: block.whole == nil ? .sentence : .inner,
                paragraph: block.whole == nil ? .paragraph : .line)
            whole = block.whole
            followsHeading = false
        }
        return layout
    }

    private static func title(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
