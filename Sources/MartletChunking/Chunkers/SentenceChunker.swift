/// Chunks of whole sentences, cut between paragraphs where that leaves no chunk less than half full.
///
/// Sentences are those of Unicode Standard Annex 29. A line that ends without a full stop or the like ends no
/// sentence.
public struct SentenceChunker: Chunker {
    /// How large chunks are.
    public var size: ChunkSize

    /// - Parameter size: Tokens of a chunk, and how many of them the next one repeats.
    public init(size: ChunkSize = .init()) { self.size = size }

    public func chunks(of document: Document, measuring counter: some TokenCounter) throws(ChunkingError)
        -> [Chunk]
    {
        try ChunkBuilder.chunks(of: document.text, size, measuring: counter) { source in
            var layout = Layout()
            SentenceCuts.add(to: &layout, of: source, 0..<source.count)
            return layout
        }
    }
}
