/// The end of an Arrow file: its schema, and where its messages are.
/// https://github.com/apache/arrow/blob/main/format/File.fbs
struct ArrowFooter {
    static let mark = Array("ARROW1".utf8)

    let version: Int
    let schema: FlatBufferTable
    /// Offsets of messages: dictionaries, then record batches.
    let messages: [Int]

    init(_ source: ByteSource, size: Int) throws(ColumnFileError) {
        // Both marks, padding after the first, and the length of the footer.
        guard size >= 18 else {
            throw .malformed("it is shorter than the marks of a file; it may be cut off")
        }
        let tail = Array(try source.bytes(at: size - 10, count: 10))
        guard tail.suffix(6).elementsEqual(Self.mark) else {
            throw .malformed("the footer is missing; the file may be cut off")
        }
        let length = (0..<4).reduce(0) { $0 | Int(tail[$1]) << (8 * $1) }
        guard length <= size - 18 else { throw .malformed("the footer is larger than the file") }
        let footer = try FlatBufferTable(Array(try source.bytes(at: size - 10 - length, count: length)))
        version = try footer.integer(0, Int16.self) ?? 0
        guard let schema = try footer.table(1) else { throw .malformed("the footer has no schema") }
        self.schema = schema
        let blocks = try footer.longs(2, ofEach: 3) + footer.longs(3, ofEach: 3)
        messages = stride(from: 0, to: blocks.count, by: 3).map { blocks[$0] }
        guard messages.allSatisfy({ (8..<size).contains($0) }) else {
            throw .malformed("a batch is outside the file; it may be cut off")
        }
    }
}
