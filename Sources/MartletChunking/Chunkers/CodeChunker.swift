/// Chunks of source code: whole declarations where they fit, with the comments above them.
///
/// The language, and with it what a comment and a string is, comes from the extension of ``Document/name``.
/// Braces and indentation say how deep a line is nested; nothing is parsed.
public struct CodeChunker: Chunker {
    /// How large chunks are.
    public var size: ChunkSize

    /// - Parameter size: Tokens of a chunk, and how many of them the next one repeats.
    public init(size: ChunkSize = .init()) { self.size = size }

    public func chunks(of document: Document, measuring counter: some TokenCounter) throws(ChunkingError)
        -> [Chunk]
    {
        let language = CodeLanguage.of(document) ?? .unknown
        return try ChunkBuilder.chunks(of: document.text, size, measuring: counter) {
            CodeLayout.layout(of: $0, language)
        }
    }
}
