/// Chooses a chunker by the type of the document: Markdown, HTML and code by the extension of its name, HTML
/// by how it begins, and sentences for all other text.
public struct AutomaticChunker: Chunker {
    /// How large chunks are.
    public var size: ChunkSize

    /// - Parameter size: Tokens of a chunk, and how many of them the next one repeats.
    public init(size: ChunkSize = .init()) { self.size = size }

    public func chunks(of document: Document, measuring counter: some TokenCounter) throws(ChunkingError)
        -> [Chunk]
    {
        switch document.fileExtension {
        case "md", "markdown", "mdown", "mkd", "mdx", "qmd", "rmd":
            try MarkdownChunker(size: size).chunks(of: document, measuring: counter)
        case "html", "htm", "xhtml": try HTMLChunker(size: size).chunks(of: document, measuring: counter)
        default:
            if CodeLanguage.of(document) != nil {
                try CodeChunker(size: size).chunks(of: document, measuring: counter)
            } else if Self.beginsAsHTML(document.text) {
                try HTMLChunker(size: size).chunks(of: document, measuring: counter)
            } else {
                try SentenceChunker(size: size).chunks(of: document, measuring: counter)
            }
        }
    }

    private static func beginsAsHTML(_ text: String) -> Bool {
        let start = text.utf8.prefix(256).drop { $0 == 0x20 || 0x09...0x0D ~= $0 }.prefix(14)
        let name = String(decoding: start, as: UTF8.self).lowercased()
        return name.hasPrefix("<!doctype html") || name.hasPrefix("<html")
    }
}
