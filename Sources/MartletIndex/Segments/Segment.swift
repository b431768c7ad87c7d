internal import MartletSystem

/// A mapped segment: rows that never change.
///
/// Sendable because its file never changes. Every access is checked against the sections' bounds, so a
/// damaged file is an error.
final class Segment: RowSource, @unchecked Sendable {
    let name: String
    let count: Int
    let dimensions: Int
    let store: VectorStore
    let wordTotal: Int
    let mean: [Float]
    let words: SegmentWords
    /// Of a segment that `optimize` has written.
    let lists: VectorLists?
    let columns: [String: Column]
    let codes: UnsafeRawPointer
    let vectors: UnsafeRawPointer
    let scales: UnsafeBufferPointer<Float>?
    let file: FileSections
    private let rowBytes: Int
    private let reading = SegmentReading()
    let ids: UnsafeRawBufferPointer
    private let idEnds: UnsafeBufferPointer<UInt32>
    private let idOrder: UnsafeBufferPointer<UInt32>
    private let texts: UnsafeRawBufferPointer
    private let textEnds: UnsafeBufferPointer<UInt64>

    init(_ region: MemoryRegion, name: String, path: String, rotation: Rotation, dimensions: Int)
        throws(IndexError)
    {
        self.name = name
        file = try FileSections(region, path: path)
        guard let bytes = file.find(SegmentSection.header.rawValue) else {
            throw .damaged(path, "it has no header")
        }
        var header = ByteReader(bytes)
        guard let count = header.integer(UInt64.self), let found = header.integer(UInt32.self),
            let padded = header.integer(UInt32.self),
            let code = header.integer(UInt32.self), let total = header.integer(UInt64.self),
            count < UInt64(UInt32.max),
            let store = VectorStore(code: code), total < 1 << 48
        else { throw .damaged(path, "its header cannot be read") }
        guard Int(found) == dimensions, Int(padded) == rotation.padded, header.count == dimensions * 4 else {
            throw .damaged(
                path, "it has vectors of \(found) dimensions, and the collection has \(dimensions)")
        }
        var mean: [Float] = []
        while let bits = header.integer(UInt32.self) { mean.append(Float(bitPattern: bits)) }
        (self.count, self.dimensions, self.store, wordTotal, self.mean) = (
            Int(count), dimensions, store, Int(total), mean
        )
        let rows = Int(count)
        rowBytes = store.bytes(dimensions: dimensions)
        let codeBytes = try file.section(
            .codes, of: UInt8.self, count: (rows + 63) / 64 * rotation.blockBytes)
        let rowSection = try file.section(.rows, of: UInt8.self, count: rows * rowBytes)
        guard let codes = codeBytes.baseAddress, let vectors = rowSection.baseAddress else {
            throw .damaged(path, "it has no rows")
        }
        self.codes = UnsafeRawPointer(codes)
        self.vectors = UnsafeRawPointer(vectors)
        scales = store == .int8 ? try file.section(.scales, of: Float.self, count: rows) : nil
        ids = UnsafeRawBufferPointer(try file.section(.ids, of: UInt8.self))
        idEnds = try file.section(.idEnds, of: UInt32.self, count: rows + 1)
        idOrder = try file.section(.idOrder, of: UInt32.self, count: rows)
        texts = UnsafeRawBufferPointer(try file.section(.texts, of: UInt8.self))
        textEnds = try file.section(.textEnds, of: UInt64.self, count: rows + 1)
        words = try SegmentWords(file, rows: rows)
        lists = try VectorLists(file, rows: rows, dimensions: dimensions)
        var columns: [String: Column] = [:]
        for section in file.table.sections where section.kind >= SegmentSection.firstColumn {
            guard let bytes = file.find(section.kind) else { continue }
            let column = try Column(bytes, rows: rows, path: path)
            columns[column.name] = column
        }
        self.columns = columns
    }

    var averageLength: Float { count == 0 ? 1 : Float(wordTotal) / Float(count) }

    /// Before some rows are read that lie anywhere, in a collection of so many rows.
    func readsSomeRows(of all: Int) { reading.readsSome(file, bytes: all * rowBytes) }
    /// Before all rows are read in order.
    func readsAllRows() { reading.readsAll(file) }

    func vector(_ row: Int) -> UnsafeRawPointer { vectors + row * rowBytes }
    func scale(_ row: Int) -> Float { scales?[row] ?? 1 }
    func length(_ row: Int) -> UInt16 { words.lengths[row] }

    func id(_ row: Int) throws(IndexError) -> UnsafeRawBufferPointer {
        let (start, end) = (Int(idEnds[row]), Int(idEnds[row + 1]))
        guard start <= end, end <= ids.count else {
            throw .damaged(file.path, "the id of row \(row) is outside its section")
        }
        return UnsafeRawBufferPointer(rebasing: ids[start..<end])
    }

    func text(_ row: Int) throws(IndexError) -> UnsafeRawBufferPointer {
        let (start, end) = (textEnds[row], textEnds[row + 1])
        guard start <= end, end <= UInt64(texts.count) else {
            throw .damaged(file.path, "the text of row \(row) is outside its section")
        }
        return UnsafeRawBufferPointer(rebasing: texts[Int(start)..<Int(end)])
    }

    func row(inOrder place: Int) throws(IndexError) -> Int {
        let row = Int(idOrder[place])
        guard row < count else { throw .damaged(file.path, "the order of ids names row \(row) of \(count)") }
        return row
    }

    /// A row's vector.
    func floats(_ row: Int) -> [Float] {
        store.decoded(vector(row), scale: scale(row), dimensions: dimensions)
    }

    /// What a row holds besides its vector.
    func content(_ row: Int) throws(IndexError) -> (id: String, text: String, fields: [String: FieldValue]) {
        var fields: [String: FieldValue] = [:]
        for (name, column) in columns { if let value = try column.value(ofRow: row) { fields[name] = value } }
        return (
            String(decoding: try id(row), as: UTF8.self), String(decoding: try text(row), as: UTF8.self),
            fields
        )
    }

    func record(_ row: Int) throws(IndexError) -> Record {
        let (id, text, fields) = try content(row)
        return Record(id: id, text: text, vector: floats(row), fields: fields)
    }

    /// The row with an id; nil if the segment has none, alive or dead.
    func find(_ id: UnsafeRawBufferPointer) throws(IndexError) -> Int? {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            let row = try row(inOrder: middle)
            let order = ByteOrder.compare(try self.id(row), id)
            if order == 0 { return row }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    func terms() throws(IndexError) -> any TermSource { try SegmentTermSource(words) }
    var columnNames: [String] { columns.keys.sorted() }
    func column(_ name: String) -> (any ColumnSource)? { columns[name] }
}

extension VectorStore {
    /// The number that stands for the store in files.
    var code: UInt32 {
        switch self {
        case .f32: 1
        case .f16: 2
        case .int8: 3
        }
    }

    init?(code: UInt32) {
        guard let store = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = store
    }
}
