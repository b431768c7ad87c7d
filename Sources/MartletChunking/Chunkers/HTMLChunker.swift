/// Chunks of the text that a page shows: no tags, scripts or styles.
///
/// ``Chunk/text`` is visible text with white space as a browser collapses it, and ``Chunk/range`` the bytes
/// of the source that it is from. Headings, lists, tables and preformatted text are treated as
/// ``MarkdownChunker`` treats them. No source is an error: what is not closed or not known is read as
/// browsers read it, as far as that matters here. A document without visible text has no chunks.
public struct HTMLChunker: Chunker {
    /// How large chunks are.
    public var size: ChunkSize

    /// - Parameter size: Tokens of a chunk, and how many of them the next one repeats.
    public init(size: ChunkSize = .init()) { self.size = size }

    public func chunks(of document: Document, measuring counter: some TokenCounter) throws(ChunkingError)
        -> [Chunk]
    {
        try ChunkBuilder.chunks(of: document.text, size, measuring: counter, reading: HTMLLayout.reading)
    }
}
