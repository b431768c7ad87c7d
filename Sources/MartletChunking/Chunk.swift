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

    /// A chunk of a chunker of one's own.
    /// - Parameters:
    ///   - index: Its position among the chunks of its document, from 0.
    ///   - range: The bytes of the document's UTF-8 form that it stands for.
    ///   - text: The text to embed.
    ///   - tokens: Tokens of the text as the model reads it, prompt and special tokens included.
    ///   - overlap: Bytes at the start of the range that the chunk before has, too.
    ///   - line: The line of the document, from 1, that it begins on.
    ///   - headings: The titles of the headings that it stands under, outermost first.
    public init(
        index: Int, range: Range<Int>, text: String, tokens: Int, overlap: Int = 0, line: Int = 1,
        headings: [String] = []
    ) {
        self.index = index
        self.range = range
        self.text = text
        self.tokens = tokens
        self.overlap = overlap
        self.line = line
        self.headings = headings
    }
}
