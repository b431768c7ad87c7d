public import Martlet

/// A chunker by its name, for commands and requests that name one.
public struct ChunkerKind: Sendable {
    /// The name.
    public let name: String
    /// What it does, in a few words.
    public let summary: String
    /// Whether it needs the vectors of a model.
    public let needsEmbedder: Bool
    private let make: @Sendable (ChunkSize, Embedder?) throws(ChunkingError) -> any Chunker

    /// All chunkers.
    public static let all: [ChunkerKind] = [
        ChunkerKind("auto", "by the type of the file") { size, _ in AutomaticChunker(size: size) },
        ChunkerKind("tokens", "of one size, between words") { size, _ in TokenChunker(size: size) },
        ChunkerKind("sentences", "whole sentences and paragraphs") { size, _ in SentenceChunker(size: size) },
        ChunkerKind("markdown", "under their headings, with lists, tables and code whole") { size, _ in
            MarkdownChunker(size: size)
        },
        ChunkerKind("html", "the visible text, as markdown") { size, _ in HTMLChunker(size: size) },
        ChunkerKind("code", "declarations, by empty lines, indentation and braces") { size, _ in
            CodeChunker(size: size)
        },
        ChunkerKind("semantic", "where neighbouring sentences differ", needsEmbedder: true) {
            size, embedder throws(ChunkingError) in
            guard let embedder else {
                throw ChunkingError(
                    .invalidOption,
                    "the chunker semantic compares sentences by a model's vectors: it needs an embedder")
            }
            return SemanticChunker(size: size, embedder: embedder)
        },
        ChunkerKind("none", "the whole text as one") { _, _ in WholeChunker() },
    ]

    private init(
        _ name: String, _ summary: String, needsEmbedder: Bool = false,
        make: @escaping @Sendable (ChunkSize, Embedder?) throws(ChunkingError) -> any Chunker
    ) {
        self.name = name
        self.summary = summary
        self.needsEmbedder = needsEmbedder
        self.make = make
    }

    /// The chunker of that name.
    /// - Throws: ``ChunkingError`` if there is none.
    public static func named(_ name: String) throws(ChunkingError) -> ChunkerKind {
        guard let kind = all.first(where: { $0.name == name }) else {
            throw ChunkingError(
                .invalidOption,
                "there is no chunker \"\(name)\"; there are \(all.map(\.name).joined(separator: ", "))")
        }
        return kind
    }

    /// Makes it.
    /// - Parameters:
    ///   - size: How large its chunks are.
    ///   - embedder: For a chunker that ``needsEmbedder``.
    /// - Throws: ``ChunkingError`` if it needs an embedder and there is none.
    public func chunker(size: ChunkSize = .init(), embedder: Embedder? = nil) throws(ChunkingError)
        -> any Chunker
    {
        try make(size, embedder)
    }
}
