/// Cuts documents into chunks that a model can take.
///
/// ```swift
/// let embedder = try Embedder(.miniLM)
/// let counter = try embedder.tokenCounter(as: .document)
/// let chunks = try await MarkdownChunker().chunks(of: Document(text, name: "notes.md"), measuring: counter)
/// let vectors = try await embedder.embed(chunks.map(\.text), as: .document)
/// ```
///
/// The chunkers of this module keep these promises:
/// - No chunk has more tokens than its size allows, prompt and special tokens included. (``WholeChunker``
///   makes no chunk smaller.)
/// - The ranges, without what they repeat, join to the document.
/// - A character that people see (a grapheme cluster) and a word are cut only if one alone has more tokens
///   than a chunk may have.
public protocol Chunker: Sendable {
    /// The chunks of a document, in order; an empty document has none.
    /// - Parameters:
    ///   - document: The text, with its name where the kind of text matters.
    ///   - counter: Counts tokens as the model does that will embed the chunks.
    /// - Throws: ``ChunkingError`` if the size does not fit the model.
    func chunks(of document: Document, measuring counter: some TokenCounter) async throws -> [Chunk]
}
