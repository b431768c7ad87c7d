/// One chunk: the document, however long it is. A model may cut off its end.
public struct WholeChunker: Chunker {
    /// Makes one chunk of each document.
    public init() {}

    public func chunks(of document: Document, measuring counter: some TokenCounter) -> [Chunk] {
        guard !document.text.isEmpty else { return [] }
        let source = SourceText(document.text)
        var lines = LineCounter()
        return [
            Chunk(
                index: 0, range: 0..<source.count, text: document.text,
                tokens: counter.count(document.text),
                line: lines.line(of: source.skippingWhitespace(from: 0, to: source.count), in: source.bytes))
        ]
    }
}
