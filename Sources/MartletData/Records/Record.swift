/// One text to embed, and what ties its vector to it.
public struct Record: Sendable, Equatable {
    /// What is embedded.
    public var text: String
    /// What the input calls the record.
    public var id: RecordID
    /// Position among all records of the source, from 0. Records that are left out count, so that rows can be
    /// matched to the input.
    public var index: Int
    /// The name of the input that holds the record: a path, `<stdin>`, `argument 2`.
    public var source: String
    /// The line, from 1, that the record begins on (the row, in a Parquet file); 0 where the input has no
    /// lines.
    public var line: Int

    /// - Parameters:
    ///   - text: The text.
    ///   - id: The id of the record.
    ///   - index: Position among all records, from 0.
    ///   - source: The name of the input.
    ///   - line: The line in it, from 1; 0 for none.
    public init(text: String, id: RecordID = .none, index: Int, source: String, line: Int = 0) {
        self.text = text
        self.id = id
        self.index = index
        self.source = source
        self.line = line
    }

    /// `FILE:LINE`, or `FILE` where lines mean nothing: how messages name the record.
    public var place: String { line > 0 ? "\(source):\(line)" : source }
}
