/// A part of a document that becomes one vector.
public struct Chunk: Sendable, Hashable {
    /// Its position among the chunks of its document, from 0.
    public let index: Int
    /// The bytes of the document's UTF-8 form that it stands for.
    ///
    /// Without overlap the ranges of all chunks follow each other without a gap, so that joining them gives
    /// the document back; with overlap each range begins with ``overlap`` bytes that the range before it ends
    /// with.
    public let range: Range<Int>
    /// Bytes at the start of ``range`` that the chunk before has, too.
    public let overlap: Int
    /// The line of the document, from 1, that its first visible character is on.
    public let line: Int
    /// The titles of the headings that it stands under, outermost first.
    public let headings: [String]
    /// The text to embed: the bytes of ``range``, or the visible text of them where the chunker reads markup.
    public let text: String
    /// Tokens of ``text`` as the model reads it, prompt and special tokens included.
    public let tokens: Int
}
