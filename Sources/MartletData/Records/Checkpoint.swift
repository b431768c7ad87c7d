/// A position in a source from which it can go on: all records before it have been given, none after it.
///
/// A checkpoint belongs to one state of one source. A source refuses the checkpoint of another, and its own
/// if the input has changed.
public struct Checkpoint: Codable, Hashable, Sendable {
    /// A digest of what the source reads: names, sizes, times and formats of files, or the text of a query.
    public var source: String
    /// Position of the next record among all records, from 0.
    public var index: Int
    /// Which of several inputs holds the next record, from 0.
    public var input: Int
    /// Where in that input the next record begins: bytes of a file after decompression, rows of a table.
    public var offset: Int
    /// Lines of that input before the next record.
    public var lines: Int
    /// The last key that was read, for sources that order records by a key.
    public var key: String?

    /// A position in a source; what is left out is the beginning.
    public init(
        source: String, index: Int = 0, input: Int = 0, offset: Int = 0, lines: Int = 0, key: String? = nil
    ) {
        self.source = source
        self.index = index
        self.input = input
        self.offset = offset
        self.lines = lines
        self.key = key
    }
}
