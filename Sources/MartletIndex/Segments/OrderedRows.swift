/// The rows of another source in another order.
final class OrderedRows: RowSource {
    private let rows: any RowSource
    /// The row of the source at each place, and the place of each of its rows; UInt32.max: it is dead.
    private let order: [UInt32]
    private let places: [UInt32]
    private let idPlaces: [UInt32]

    /// - Parameter order: Rows of the source, each at most once.
    init(_ rows: any RowSource, order: [UInt32]) throws(IndexError) {
        (self.rows, self.order) = (rows, order)
        var places = [UInt32](repeating: .max, count: rows.count)
        for (place, row) in order.enumerated() { places[Int(row)] = UInt32(place) }
        self.places = places
        var idPlaces: [UInt32] = []
        idPlaces.reserveCapacity(order.count)
        for place in 0..<rows.count {
            let new = places[try rows.row(inOrder: place)]
            if new != .max { idPlaces.append(new) }
        }
        self.idPlaces = idPlaces
    }

    var count: Int { order.count }
    func vector(_ row: Int) -> UnsafeRawPointer { rows.vector(Int(order[row])) }
    func scale(_ row: Int) -> Float { rows.scale(Int(order[row])) }
    func id(_ row: Int) throws(IndexError) -> UnsafeRawBufferPointer { try rows.id(Int(order[row])) }
    func text(_ row: Int) throws(IndexError) -> UnsafeRawBufferPointer { try rows.text(Int(order[row])) }
    func row(inOrder place: Int) throws(IndexError) -> Int { Int(idPlaces[place]) }
    func length(_ row: Int) -> UInt16 { rows.length(Int(order[row])) }
    func terms() throws(IndexError) -> any TermSource { OrderedTerms(try rows.terms(), places) }
    var columnNames: [String] { rows.columnNames }
    func column(_ name: String) -> (any ColumnSource)? {
        rows.column(name).map { OrderedColumn(column: $0, order: order) }
    }
}

private final class OrderedTerms: TermSource {
    private let terms: any TermSource
    private let places: [UInt32]

    init(_ terms: any TermSource, _ places: [UInt32]) { (self.terms, self.places) = (terms, places) }

    var term: UnsafeRawBufferPointer? { terms.term }
    func advance() throws(IndexError) { try terms.advance() }

    func postings(rows: inout [UInt32], counts: inout [UInt32]) throws(IndexError) {
        try terms.postings(rows: &rows, counts: &counts)
        var pairs: [UInt64] = []
        pairs.reserveCapacity(rows.count)
        for (row, count) in zip(rows, counts) where places[Int(row)] != .max {
            pairs.append(UInt64(places[Int(row)]) << 32 | UInt64(count))
        }
        pairs.sort()
        rows = pairs.map { UInt32($0 >> 32) }
        counts = pairs.map { UInt32(truncatingIfNeeded: $0) }
    }
}

private struct OrderedColumn: ColumnSource {
    let column: any ColumnSource
    let order: [UInt32]

    var valueCount: Int { column.valueCount }
    func key(_ index: Int) throws(IndexError) -> ColumnKey { try column.key(index) }
    func codes(ofRow row: Int) throws(IndexError) -> [Int] { try column.codes(ofRow: Int(order[row])) }
}
