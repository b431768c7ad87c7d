/// What a chunker reads in a document: the text to embed, where that may be cut, and where it is in the
/// document.
struct Reading {
    let visible: SourceText
    let layout: Layout
    /// Where the visible text is in the document; nil: it is the document.
    var places: (any SourcePlaces)?
}

/// Finds the bytes of a document that visible text stands for.
protocol SourcePlaces {
    /// Where the document is cut if the visible text is cut at `offset`; rising.
    func cut(at offset: Int) -> Int
    /// Where the visible character at `offset` is.
    func character(at offset: Int) -> Int
}

/// From a document to chunks.
enum ChunkBuilder {
    static func chunks(
        of text: String, _ size: ChunkSize, measuring counter: some TokenCounter,
        layout: (SourceText) -> Layout
    ) throws(ChunkingError) -> [Chunk] {
        try chunks(of: text, size, measuring: counter, reading: { Reading(visible: $0, layout: layout($0)) })
    }

    static func chunks(
        of text: String, _ size: ChunkSize, measuring counter: some TokenCounter,
        reading: (SourceText) -> Reading
    ) throws(ChunkingError) -> [Chunk] {
        let budget = try size.budget(counter)
        let source = SourceText(text)
        let reading = reading(source)
        guard reading.visible.count > 0 else { return [] }
        var packer = Packer(
            reading.visible, sizes: counter.measure(reading.visible.string), budget: budget,
            overlap: size.overlap)
        try packer.pack(reading.layout.cuts)
        return chunks(of: source, packer.pieces, reading)
    }

    private static func chunks(
        of source: SourceText, _ pieces: [Packer.Piece], _ reading: Reading
    ) -> [Chunk] {
        let text = reading.visible
        var lines = LineCounter()
        var headings = reading.layout.headings[...]
        var path: [String] = []
        func origin(_ offset: Int) -> Int {
            guard let places = reading.places else { return offset }
            return offset == 0 ? 0 : offset == text.count ? source.count : places.cut(at: offset)
        }
        return pieces.enumerated().map { index, piece in
            let first = text.skippingWhitespace(from: piece.range.lowerBound, to: piece.range.upperBound)
            while let next = headings.first, next.offset <= first {
                path = next.path
                headings = headings.dropFirst()
            }
            let range = origin(piece.range.lowerBound)..<origin(piece.range.upperBound)
            return Chunk(
                index: index, range: range, text: text.text(in: piece.range), tokens: piece.tokens,
                overlap: origin(piece.range.lowerBound + piece.overlap) - range.lowerBound,
                line: lines.line(of: reading.places?.character(at: first) ?? first, in: source.bytes),
                headings: path)
        }
    }
}

/// The lines of places in one text, asked for in about their order.
struct LineCounter {
    private var offset = 0
    private var line = 1

    /// From 1. A line ends after its newline.
    mutating func line(of place: Int, in bytes: [UInt8]) -> Int {
        let between = min(offset, place)..<max(offset, place)
        let newlines = bytes[between].count { $0 == 0x0A }
        line += place >= offset ? newlines : -newlines
        offset = place
        return line
    }
}
