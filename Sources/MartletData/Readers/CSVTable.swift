/// A file of comma- or tab-separated values with all of its columns.
package struct CSVTable {
    /// The names in the header.
    package let columns: [String]
    private var rows: CSVRows

    /// A row below the header.
    package struct Row: Sendable {
        /// One for each column.
        package let fields: [String]
        package let line: Int
    }

    /// Opens a file, which may be compressed, and reads its header.
    /// - Throws: If it cannot be read, or two columns have one name.
    package init(path: String, format: InputFormat) throws(DataError) {
        let delimiter = UInt8(ascii: format == .tsv ? "\t" : ",")
        rows = CSVRows(try ByteSource.file(path).decoded(), delimiter: delimiter)
        guard case .row(let header, let line) = try rows.next(waiting: true) else {
            columns = []
            return
        }
        let place = rows.place(line)
        columns = try header.map { (field) throws(DataError) in try CSVRows.text(field, place) }
        for name in columns { _ = try CSVReader.column(name, in: columns, place) }
    }

    /// The next row; nil at the end.
    package mutating func next() throws(DataError) -> Row? {
        guard case .row(let row, let line) = try rows.next(waiting: true) else { return nil }
        let place = rows.place(line)
        try CSVRows.check(row, columns: columns.count, place)
        return Row(
            fields: try row.map { (field) throws(DataError) in try CSVRows.text(field, place) }, line: line)
    }
}
