/// Chunks of about one size, cut between words.
public struct TokenChunker: Chunker {
    /// How large chunks are.
    public var size: ChunkSize

    /// - Parameter size: Tokens of a chunk, and how many of them the next one repeats.
    public init(size: ChunkSize = .init()) { self.size = size }

    public func chunks(of document: Document, measuring counter: some TokenCounter) throws(ChunkingError)
        -> [Chunk]
    {
        try ChunkBuilder.chunks(of: document.text, size, measuring: counter) { _ in Layout() }
    }
}
