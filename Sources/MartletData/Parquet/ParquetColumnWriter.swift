/// Collects the values of one column of a row group, in the encoding PLAIN, with the levels that say which
/// list a value belongs to.
struct ParquetColumnWriter {
    /// What the column is in the schema.
    struct Shape: Sendable {
        /// Names from the root.
        let path: [String]
        let type: ParquetFooter.PhysicalType
        /// Lists around a value.
        var depth = 0
        /// Whether the value itself can be missing. Only outside lists.
        var isOptional = false

        /// A list adds a level, as it may be empty.
        var definitionLevels: Int { depth + (isOptional ? 1 : 0) }
    }

    let shape: Shape
    private var body: [UInt8] = []
    private var repetitions = LevelRuns()
    private var definitions = LevelRuns()
    private var count = 0
    /// Bits of a column of booleans.
    private var bits: [Bool] = []

    init(_ shape: Shape) { self.shape = shape }

    /// Bytes that wait.
    var byteCount: Int { body.count + bits.count }

    /// A value outside lists; nil where it is missing.
    mutating func append(_ value: String?) {
        level(repetition: 0, definition: value == nil ? 0 : shape.definitionLevels)
        if let value { append(bytesOf: value) }
    }

    mutating func append(_ value: Int) {
        level(repetition: 0, definition: shape.definitionLevels)
        withUnsafeBytes(of: Int64(value).littleEndian) { body.append(contentsOf: $0) }
    }

    mutating func append(_ value: Bool) {
        level(repetition: 0, definition: shape.definitionLevels)
        bits.append(value)
    }

    /// One list of `count` values, whose bytes `values` appends.
    mutating func appendList(count: Int, _ values: (inout [UInt8]) -> Void) {
        appendList(count: count, repetition: 0, values)
    }

    /// A list of lists.
    mutating func appendLists(counts: [Int], _ values: (Int, inout [UInt8]) -> Void) {
        if counts.isEmpty { level(repetition: 0, definition: 0) }
        for (index, count) in counts.enumerated() {
            appendList(count: count, repetition: index == 0 ? 0 : 1) { values(index, &$0) }
        }
    }

    private mutating func appendList(count: Int, repetition: Int, _ values: (inout [UInt8]) -> Void) {
        guard count > 0 else { return level(repetition: repetition, definition: shape.depth - 1) }
        level(repetition: repetition, definition: shape.definitionLevels)
        if count > 1 {
            repetitions.append(shape.depth, count: count - 1)
            definitions.append(shape.definitionLevels, count: count - 1)
            self.count += count - 1
        }
        values(&body)
    }

    static func append(_ text: String, to body: inout [UInt8]) {
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: text.utf8.count).littleEndian) {
            body.append(contentsOf: $0)
        }
        body.append(contentsOf: text.utf8)
    }

    private mutating func append(bytesOf text: String) { Self.append(text, to: &body) }

    private mutating func level(repetition: Int, definition: Int) {
        if shape.depth > 0 { repetitions.append(repetition) }
        if shape.definitionLevels > 0 { definitions.append(definition) }
        count += 1
    }

    /// Writes the column as one page, and returns its entry of the footer.
    mutating func flush(to output: Output, at offset: Int) -> (entry: [UInt8], size: Int) {
        var page: [UInt8] = []
        if shape.depth > 0 { page += repetitions.encoded(maximum: shape.depth) }
        if shape.definitionLevels > 0 { page += definitions.encoded(maximum: shape.definitionLevels) }
        for start in stride(from: 0, to: bits.count, by: 8) {
            body.append(
                bits[start..<min(start + 8, bits.count)].enumerated().reduce(0) {
                    $0 | ($1.element ? 1 << UInt8($1.offset) : 0)
                })
        }
        let size = page.count + body.count
        let valueCount = count
        let header = ThriftWriter.structure { page in
            page.int32(1, 0)
            page.int32(2, size)
            page.int32(3, size)
            page.structure(5) { data in
                data.int32(1, valueCount)
                data.int32(2, 0)
                data.int32(3, 3)
                data.int32(4, 3)
            }
        }
        output.buffer += header
        output.buffer += page
        output.buffer += body
        let shape = shape
        let entry = ThriftWriter.structure { chunk in
            chunk.int64(2, offset)
            chunk.structure(3) { data in
                data.int32(1, shape.type.rawValue)
                data.integers(2, [0, 3])
                data.texts(3, shape.path)
                data.int32(4, 0)
                data.int64(5, valueCount)
                data.int64(6, header.count + size)
                data.int64(7, header.count + size)
                data.int64(9, offset)
            }
        }
        self = ParquetColumnWriter(shape)
        return (entry, header.count + size)
    }
}

/// Levels as runs of equal ones.
private struct LevelRuns {
    private var runs: [(level: Int, count: Int)] = []

    mutating func append(_ level: Int, count: Int = 1) {
        if let last = runs.indices.last, runs[last].level == level {
            runs[last].count += count
        } else {
            runs.append((level, count))
        }
    }

    /// After their length in four bytes.
    func encoded(maximum: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for run in runs {
            ThriftWriter.varint(UInt64(run.count) << 1, to: &bytes)
            bytes.append(UInt8(run.level))  // levels have at most eight bits
        }
        return withUnsafeBytes(of: UInt32(bytes.count).littleEndian) { Array($0) } + bytes
    }
}
