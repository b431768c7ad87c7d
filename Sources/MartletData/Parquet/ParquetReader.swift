/// Rows of a Parquet file, of which two columns are read: PLAIN and dictionary pages, uncompressed, Snappy,
/// gzip or zstd, as pandas, datasets, DuckDB and Spark write them. Columns inside lists are refused. `line`
/// counts rows from 1.
package struct ParquetReader: RecordReader {
    private let source: ByteSource
    private let fields: FieldNames
    private var file: File?
    private var group = 0
    private var rowsLeft = 0
    private var text: ParquetColumnReader?
    private var id: ParquetColumnReader?
    private var row = 0

    private struct File {
        let footer: ParquetFooter
        let choice: ColumnChoice
        let rowCount: Int
    }

    package init(_ source: ByteSource, fields: FieldNames) {
        self.source = source
        self.fields = fields
    }

    package var position: ReadPosition { ReadPosition(offset: row, lines: row) }

    /// By the share of the rows: a group's columns are read beside each other.
    package var bytesRead: Int {
        guard let file, let size = source.size, file.rowCount > 0 else { return 0 }
        return row >= file.rowCount ? size : Int(Double(size) * Double(row) / Double(file.rowCount))
    }

    package mutating func skip(to position: ReadPosition) throws(DataError) {
        try ColumnFileError.named(source.name) { () throws(ColumnFileError) in
            let file = try open()
            while group < file.footer.groups.count,
                row + file.footer.groups[group].rowCount <= position.offset
            {
                row += file.footer.groups[group].rowCount
                group += 1
            }
            while row < position.offset { if try nextRow() == nil { break } }
        }
    }

    package mutating func next(waiting: Bool) throws(DataError) -> ReadStep {
        guard
            let (text, id) = try ColumnFileError.named(
                source.name, { () throws(ColumnFileError) in try nextRow() })
        else { return .end }
        return try .record(text, id: id, fields: fields, source: source.name, row: row)
    }

    /// The values of the next row; nil after the last.
    private mutating func nextRow() throws(ColumnFileError) -> (text: ColumnValue, id: ColumnValue?)? {
        let file = try open()
        while rowsLeft == 0 {
            guard group < file.footer.groups.count else { return nil }
            let next = file.footer.groups[group]
            group += 1
            rowsLeft = next.rowCount
            guard rowsLeft > 0 else { continue }
            func reader(_ column: Int) throws(ColumnFileError) -> ParquetColumnReader {
                try ParquetColumnReader(source, file.footer.columns[column], next.chunks[column])
            }
            text = try reader(file.choice.text)
            id = nil
            if let column = file.choice.id { id = try reader(column) }
        }
        guard let textValue = try text?.next() else { return nil }
        let idValue = try id?.next()
        rowsLeft -= 1
        row += 1
        return (textValue, idValue)
    }

    private mutating func open() throws(ColumnFileError) -> File {
        if let file { return file }
        guard source.readAt != nil, let size = source.size else {
            throw .unsupported(
                "Parquet is read from its end, and this is a stream",
                remedies: [.advice("put it into a file")])
        }
        let magic = Array("PAR1".utf8)
        guard size >= 12, try source.bytes(at: 0, count: 4).elementsEqual(magic) else {
            throw .malformed("it is not a Parquet file")
        }
        let tail = Array(try source.bytes(at: size - 8, count: 8))
        guard tail[4...].elementsEqual(magic) else {
            throw tail[4...].elementsEqual("PARE".utf8)
                ? .unsupported("it is encrypted")
                : .malformed("the footer is missing; the file may be cut off")
        }
        let length = (0..<4).reduce(0) { $0 | Int(tail[$1]) << (8 * $1) }
        guard length <= size - 12 else { throw .malformed("the footer is larger than the file") }
        let footer = try ParquetFooter(
            try source.bytes(at: size - 8 - length, count: length), fileSize: size)
        var rows = 0
        for group in footer.groups {
            let (sum, overflow) = rows.addingReportingOverflow(group.rowCount)
            guard !overflow else { throw .malformed("it has too many rows") }
            rows = sum
        }
        let opened = File(
            footer: footer, choice: try ColumnChoice(of: footer.columns, fields, at: source.name),
            rowCount: rows)
        file = opened
        return opened
    }
}

extension InputFormat {
    /// Columns of a Parquet file.
    public static let parquet = InputFormat(name: "parquet", endings: ["parquet", "pq"], readsFields: true) {
        source, fields in
        ParquetReader(source, fields: fields)
    }
}
