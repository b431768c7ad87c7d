/// Chunks of about one size, cut between words.
public struct TokenChunker: Chunker {
    /// How large chunks are.
    public var size: ChunkSize

    public init(size: ChunkSize = .init()) { self.size = size }

    public func chunks(of document: Document, measuring counter: some TokenCounter) throws(ChunkingError)
        -> [Chunk]
    {
        try ChunkBuilder.chunks(of: document.text, size, measuring: counter) { _ in Layout() }
    }
}
