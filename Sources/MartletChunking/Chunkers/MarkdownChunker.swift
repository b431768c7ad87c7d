/// Chunks of Markdown: each begins at a heading or stays under one, and knows the titles that it stands
/// under.
///
/// Lists, tables, quotes and code stay whole where they fit into a chunk; else they are cut between items,
/// rows and lines. Text is cut between sentences.
public struct MarkdownChunker: Chunker {
    /// How large chunks are.
    public var size: ChunkSize

    /// - Parameter size: Tokens of a chunk, and how many of them the next one repeats.
    public init(size: ChunkSize = .init()) { self.size = size }

    public func chunks(of document: Document, measuring counter: some TokenCounter) throws(ChunkingError)
        -> [Chunk]
    {
        try ChunkBuilder.chunks(of: document.text, size, measuring: counter, layout: MarkdownLayout.layout)
    }
}
