/// Rows in memory that are about to become a segment: each vector in the collection's store, each text once.
final class MemoryRows: RowSource {
    private let settings: CollectionSettings
    private let rowBytes: Int
    private var vectors: [UInt8] = []
    private var scales: [Float] = []
    private var ids: [UInt8] = []
    private var idEnds: [Int] = []
    private var texts: [UInt8] = []
    private var textEnds: [Int] = []
    private var impacts: [Impacts] = []
    private var fields: [[String: FieldValue]] = []
    private var schema = FieldSchema()

    // Made once by `freeze`.
    private var base: UnsafeMutableRawPointer
    private var order: [Int] = []
    private var inverted: InvertedTexts?
    private var columns: [String: MemoryColumn] = [:]

    /// - Parameters:
    ///   - count: The most rows that will be appended.
    ///   - bytes: About the most memory that they will take.
    init(_ settings: CollectionSettings, count: Int, bytes: Int) {
        self.settings = settings
        rowBytes = settings.store.bytes(dimensions: settings.dimensions)
        base = .allocate(byteCount: 1, alignment: 64)
        vectors.reserveCapacity(min(count * rowBytes, bytes + rowBytes))
    }

    deinit { base.deallocate() }

    var count: Int { idEnds.count }
    /// The memory that the rows take, about.
    var bytes: Int { vectors.count + texts.count + ids.count }

    func append(_ row: StoredRow) {
        vectors.append(contentsOf: row.vector)
        scales.append(row.scale)
        ids.append(contentsOf: row.id)
        idEnds.append(ids.count)
        texts.append(contentsOf: row.text)
        textEnds.append(texts.count)
        if settings.sparse != nil { impacts.append(row.impacts) }
        fields.append(row.fields)
    }

    /// Ends the appending and works out what a segment needs.
    /// - Parameter analyzer: Of the collection's language.
    func freeze(_ schema: FieldSchema, _ analyzer: inout WordAnalyzer) {
        let size = vectors.count + ids.count + texts.count
        let start = UnsafeMutableRawPointer.allocate(byteCount: max(1, size), alignment: 64)
        let blob = UnsafeMutableRawBufferPointer(start: start, count: size)
        vectors.withUnsafeBytes {
            UnsafeMutableRawBufferPointer(rebasing: blob[..<$0.count]).copyMemory(from: $0)
        }
        let idStart = vectors.count
        ids.withUnsafeBytes {
            UnsafeMutableRawBufferPointer(rebasing: blob[idStart..<idStart + $0.count]).copyMemory(from: $0)
        }
        let textStart = idStart + ids.count
        texts.withUnsafeBytes {
            UnsafeMutableRawBufferPointer(rebasing: blob[textStart..<textStart + $0.count]).copyMemory(
                from: $0)
        }
        base.deallocate()
        base = start
        self.schema = schema
        (self.idStart, self.textStart) = (idStart, textStart)
        vectors = []
        ids = []
        texts = []
        order = (0..<count).sorted {
            ByteOrder.compare(slice(idStart, idEnds, $0), slice(idStart, idEnds, $1)) < 0
        }
        inverted =
            settings.sparse == nil
            ? InvertedTexts(count: count, &analyzer) { slice(textStart, textEnds, $0) }
            : InvertedTexts(impacts)
        impacts = []
        for (name, type) in schema.types where fields.contains(where: { $0[name] != nil }) {
            columns[name] = MemoryColumn(
                fields.map { $0[name].map { ColumnKey.keys(of: $0, in: type) } ?? [] })
        }
        fields = []
    }

    private var idStart = 0
    private var textStart = 0

    private func slice(_ start: Int, _ ends: [Int], _ row: Int) -> UnsafeRawBufferPointer {
        let first = row == 0 ? 0 : ends[row - 1]
        return UnsafeRawBufferPointer(start: base + start + first, count: ends[row] - first)
    }

    func vector(_ row: Int) -> UnsafeRawPointer { UnsafeRawPointer(base + row * rowBytes) }
    func scale(_ row: Int) -> Float { scales[row] }
    func id(_ row: Int) throws(IndexError) -> UnsafeRawBufferPointer { slice(idStart, idEnds, row) }
    func text(_ row: Int) throws(IndexError) -> UnsafeRawBufferPointer { slice(textStart, textEnds, row) }
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
