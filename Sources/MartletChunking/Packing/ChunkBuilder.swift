/// From a text and a layout of it to chunks.
enum ChunkBuilder {
    static func chunks(
        of text: String, _ size: ChunkSize, measuring counter: some TokenCounter,
        layout: (SourceText) -> Layout
    ) throws(ChunkingError) -> [Chunk] {
        let budget = try size.budget(counter)
        guard !text.isEmpty else { return [] }
        let source = SourceText(text)
        let layout = layout(source)
        var packer = Packer(source, sizes: counter.measure(text), budget: budget, overlap: size.overlap)
        try packer.pack(layout.cuts)
        return chunks(of: source, packer.pieces, layout)
    }

    private static func chunks(of source: SourceText, _ pieces: [Packer.Piece], _ layout: Layout) -> [Chunk] {
        var lines = LineCounter()
        var headings = layout.headings[...]
        var path: [String] = []
        return pieces.enumerated().map { index, piece in
            let visible = source.skippingWhitespace(from: piece.range.lowerBound, to: piece.range.upperBound)
            while let next = headings.first, next.offset <= visible {
                path = next.path
                headings = headings.dropFirst()
            }
            return Chunk(
                index: index, range: piece.range, overlap: piece.overlap,
                line: lines.line(of: visible, in: source.bytes), headings: path,
                text: source.text(in: piece.range), tokens: piece.tokens)
        }
    }
}

/// The lines of places in one text, asked for in about their order.
struct LineCounter {
    private var offset = 0
    private var line = 1

    /// From 1. A line ends behind its newline.
    mutating func line(of place: Int, in bytes: [UInt8]) -> Int {
        let between = min(offset, place)..<max(offset, place)
        let newlines = bytes[between].count { $0 == 0x0A }
        line += place >= offset ? newlines : -newlines
        offset = place
        return line
    }
}
