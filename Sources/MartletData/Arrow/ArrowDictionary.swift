/// The values of a dictionary.
struct ArrowDictionary {
    private(set) var values: [ColumnValue] = []
    /// Bytes of memory that the values take.
    private(set) var byteCount = 0

    mutating func append(_ value: ColumnValue) {
        byteCount += MemoryLayout<ColumnValue>.stride
        guard case .bytes(let text) = value else { return values.append(value) }
        byteCount += text.count
        // A copy: the text is a part of a block of the file, and would keep the whole block in memory.
        values.append(.bytes(Array(text)[...]))
    }
}
