/// Rows in memory that are about to become a segment: each vector in the collection's store, each text once.
final class MemoryRows: RowSource {
    private let settings: CollectionSettings
    private let rowBytes: Int
    private let vectors: GrowingBytes
    private var scales: [Float] = []
    private let ids = GrowingBytes(capacity: 1 << 16)
    private var idEnds: [Int] = []
    private let texts = GrowingBytes(capacity: 1 << 20)
    private var textEnds: [Int] = []
    private var impacts: [Impacts] = []
    private var fields: [[String: FieldValue]] = []

    // Made once by `freeze`.
    private var order: [Int] = []
    private var inverted: InvertedTexts?
    private var columns: [String: MemoryColumn] = [:]

    /// - Parameters:
    ///   - count: The most rows that will be appended.
    ///   - bytes: About the most memory that they will take.
    init(_ settings: CollectionSettings, count: Int, bytes: Int) {
        self.settings = settings
        rowBytes = settings.store.bytes(dimensions: settings.dimensions)
        vectors = GrowingBytes(capacity: min(count * rowBytes, bytes + rowBytes))
    }

    var count: Int { idEnds.count }
    /// The memory that the rows take, about.
    var bytes: Int { vectors.count + texts.count + ids.count }

    func append(_ row: StoredRow) {
        row.vector.withUnsafeBytes { vectors.append($0) }
        scales.append(row.scale)
        row.id.withUnsafeBytes { ids.append($0) }
        idEnds.append(ids.count)
        row.text.withUnsafeBytes { texts.append($0) }
        textEnds.append(texts.count)
        if settings.sparse != nil { impacts.append(row.impacts) }
        fields.append(row.fields)
    }

    /// Ends the appending and works out what a segment needs.
    /// - Parameter analyzer: Of the collection's language.
    func freeze(_ schema: FieldSchema, _ analyzer: inout WordAnalyzer) {
        order = (0..<count).sorted {
            ByteOrder.compare(slice(ids, ends: idEnds, row: $0), slice(ids, ends: idEnds, row: $1)) < 0
        }
        inverted =
            settings.sparse == nil
            ? InvertedTexts(count: count, &analyzer) { slice(texts, ends: textEnds, row: $0) }
            : InvertedTexts(impacts)
        impacts = []
        for (name, type) in schema.types where fields.contains(where: { $0[name] != nil }) {
            columns[name] = MemoryColumn(
                fields.map { $0[name].map { ColumnKey.keys(of: $0, in: type) } ?? [] })
        }
        fields = []
    }

    private func slice(_ bytes: GrowingBytes, ends: [Int], row: Int) -> UnsafeRawBufferPointer {
        let first = row == 0 ? 0 : ends[row - 1]
        return UnsafeRawBufferPointer(start: bytes.start + first, count: ends[row] - first)
    }

    func vector(_ row: Int) -> UnsafeRawPointer { UnsafeRawPointer(vectors.start + row * rowBytes) }
    func scale(_ row: Int) -> Float { scales[row] }
    func id(_ row: Int) throws(IndexError) -> UnsafeRawBufferPointer { slice(ids, ends: idEnds, row: row) }
    func text(_ row: Int) throws(IndexError) -> UnsafeRawBufferPointer {
        slice(texts, ends: textEnds, row: row)
    }
    func row(inOrder place: Int) throws(IndexError) -> Int { order[place] }
    func length(_ row: Int) -> UInt16 { inverted?.lengths[row] ?? 0 }
    func terms() throws(IndexError) -> any TermSource {
        guard let inverted else { throw IndexError(.invalidOption, "rows are written before they are whole") }
        return inverted
    }
    var columnNames: [String] { columns.keys.sorted() }
    func column(_ name: String) -> (any ColumnSource)? { columns[name] }
}

/// A field of rows in memory.
struct MemoryColumn: ColumnSource {
    private let values: [ColumnKey]
    private let codes: [[Int]]

    init(_ keys: [[ColumnKey]]) {
        var numbers: [ColumnKey: Int] = [:]
        for key in keys.joined() { numbers[key] = 0 }
        values = numbers.keys.sorted()
        for (index, value) in values.enumerated() { numbers[value] = index + 1 }
        codes = keys.map { $0.map { numbers[$0] ?? 0 } }
    }

    var valueCount: Int { values.count }
    func key(_ index: Int) throws(IndexError) -> ColumnKey { values[index] }
    func codes(ofRow row: Int) throws(IndexError) -> [Int] { codes[row] }
}
