/// The header of a record batch: how many rows it has, and where the buffers of its columns are.
struct ArrowRecordBatch {
    let rowCount: Int
    /// Values and missing values of each column, and of each column in a column.
    private let nodes: [(count: Int, missing: Int)]
    private let buffers: [Range<Int>]
    /// Of each column of views, in order, how many buffers they lead to.
    private let viewCounts: [Int]
    private let codec: ArrowBuffer.Codec?
    private let body: ArrowBody

    init(_ header: FlatBufferTable, _ body: ArrowBody) throws(ColumnFileError) {
        self.body = body
        rowCount = try Self.rowCount(header)
        let nodes = try header.longs(1, ofEach: 2)
        self.nodes = stride(from: 0, to: nodes.count, by: 2).map { (nodes[$0], nodes[$0 + 1]) }
        let places = try header.longs(2, ofEach: 2)
        var buffers: [Range<Int>] = []
        for index in stride(from: 0, to: places.count, by: 2) {
            let (start, size) = (places[index], places[index + 1])
            guard start >= 0, size >= 0, start <= body.count, size <= body.count - start else {
                throw .malformed("a buffer is outside its batch; the file may be cut off")
            }
            buffers.append(start..<start + size)
        }
        self.buffers = buffers
        viewCounts = try header.longs(4)
        guard viewCounts.allSatisfy({ (0...buffers.count).contains($0) }) else { throw Self.damaged }
        guard let compression = try header.table(3) else {
            codec = nil
            return
        }
        let number = try compression.integer(0, UInt8.self) ?? 0
        guard let codec = ArrowBuffer.Codec(rawValue: number),
            try compression.integer(1, UInt8.self) ?? 0 == 0
        else { throw .unsupported("its batches are compressed in a form that is not known (\(number))") }
        self.codec = codec
    }

    /// How many rows a batch has. The first column has as many values, so that damage does not hide rows.
    static func rowCount(_ header: FlatBufferTable) throws(ColumnFileError) -> Int {
        let count = try header.integer(0, Int64.self) ?? 0
        guard count >= 0, try header.longs(1, ofEach: 2).first == count else { throw damaged }
        return count
    }

    private static var damaged: ColumnFileError { .malformed("the header of a batch is damaged") }

    /// The values of a column.
    /// - Parameters:
    ///   - before: What the columns before it take.
    ///   - type: Of a dictionary, that of the indices.
    func column(
        _ type: ArrowType, after before: ArrowLayout, dictionary: [ColumnValue]? = nil
    ) throws(ColumnFileError) -> ArrowColumnReader {
        guard before.nodes < nodes.count, before.views <= viewCounts.count else { throw Self.damaged }
        let node = nodes[before.nodes]
        guard node.count == rowCount else { throw .malformed("a column has other rows than its batch") }
        var start = before.buffers
        for count in viewCounts.prefix(before.views) { start += count }
        func buffer(_ index: Int) throws(ColumnFileError) -> ArrowBuffer {
            guard start + index < buffers.count else { throw Self.damaged }
            return try ArrowBuffer(body, at: buffers[start + index], codec: codec)
        }
        let values: ArrowColumnReader.Values
        switch type {
        case .null: return ArrowColumnReader(values: .none, validity: nil, dictionary: nil)
        case .bool: values = .bits(ArrowBits(try buffer(1)))
        case .integer(let bits, let isSigned): values = .integers(try buffer(1), bits / 8, isSigned)
        case .number(let bits): values = .numbers(try buffer(1), bits / 8)
        case .text(let bits):
            values = .texts(ArrowTexts(offsets: try buffer(1), of: bits / 8, bytes: try buffer(2)))
        case .textView:
            guard before.views < viewCounts.count,
                viewCounts[before.views] <= buffers.count - start - 2
            else { throw Self.damaged }
            let first = start + 2
            values = .views(
                try buffer(1),
                ArrowViews(body, at: Array(buffers[first..<first + viewCounts[before.views]]), codec: codec))
        case .other: throw Self.damaged
        }
        return ArrowColumnReader(
            values: values, validity: node.missing == 0 ? nil : ArrowBits(try buffer(0)),
            dictionary: dictionary)
    }
}
