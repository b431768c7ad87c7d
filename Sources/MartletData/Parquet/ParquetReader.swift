internal import MartletJSON

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
        let text: Int
        let id: Int?
        let rowCount: Int

        var isUnsignedID: Bool { id.map { footer.columns[$0].isUnsigned } ?? false }
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
        try Self.wrapping(source.name) { () throws(ParquetError) in
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
        guard let (text, id) = try Self.wrapping(source.name, { () throws(ParquetError) in try nextRow() })
        else { return .end }
        let place = "\(source.name):\(row)"
        guard case .bytes(let bytes) = text else {
            throw DataError(
                .field, at: place, "column \(fields.textName.quoted) is null, expected a text",
                remedies: [.skipRecords], isRecoverable: true)
        }
        let string = try bytes.withUnsafeBufferPointer { (bytes) throws(DataError) in
            try CheckedText.string(bytes, place: place)
        }
        return .record(text: string, id: try recordID(id, place), line: row)
    }

    private func recordID(_ value: ParquetValue?, _ place: String) throws(DataError) -> RecordID {
        switch value {
        case nil: return .none
        case .null: return .literal("null")
        case .integer(let number):
            return .literal(file?.isUnsignedID == true ? "\(UInt64(bitPattern: number))" : "\(number)")
        case .bool(let value): return .literal("\(value)")
        case .number(let number):
            guard number.isFinite else { return .text("\(number)") }
            var bytes: [UInt8] = []
            JSONText.append(.number(number), to: &bytes)
            return .literal(String(decoding: bytes, as: UTF8.self))
        case .bytes(let bytes):
            return .text(
                try bytes.withUnsafeBufferPointer { (bytes) throws(DataError) in
                    try CheckedText.string(bytes, place: place)
                })
        }
    }

    /// The values of the next row; nil after the last.
    private mutating func nextRow() throws(ParquetError) -> (text: ParquetValue, id: ParquetValue?)? {
        let file = try open()
        while rowsLeft == 0 {
            guard group < file.footer.groups.count else { return nil }
            let next = file.footer.groups[group]
            group += 1
            rowsLeft = next.rowCount
            guard rowsLeft > 0 else { continue }
            text = try ParquetColumnReader(source, file.footer.columns[file.text], next.chunks[file.text])
            id = nil
            if let column = file.id {
                id = try ParquetColumnReader(source, file.footer.columns[column], next.chunks[column])
            }
        }
        guard let textValue = try text?.next() else { return nil }
        let idValue = try id?.next()
        rowsLeft -= 1
        row += 1
        return (textValue, idValue)
    }

    private mutating func open() throws(ParquetError) -> File {
        if let file { return file }
        guard source.readAt != nil, let size = source.size else {
            throw .unsupported(
                "Parquet is read from its end, and this is a stream",
                remedies: [.advice("put it into a file")])
        }
        let magic = Array("PAR1".utf8)
        guard size >= 12, try ParquetPage.bytes(source, at: 0, count: 4).elementsEqual(magic) else {
            throw .malformed("it is not a Parquet file")
        }
        let tail = Array(try ParquetPage.bytes(source, at: size - 8, count: 8))
        guard tail[4...].elementsEqual(magic) else {
            throw tail[4...].elementsEqual("PARE".utf8)
                ? .unsupported("it is encrypted")
                : .malformed("the footer is missing; the file may be cut off")
        }
        let length = (0..<4).reduce(0) { $0 | Int(tail[$1]) << (8 * $1) }
        guard length <= size - 12 else { throw .malformed("the footer is larger than the file") }
        let footer = try ParquetFooter(
            try ParquetPage.bytes(source, at: size - 8 - length, count: length), fileSize: size)
        var rows = 0
        for group in footer.groups {
            let (sum, overflow) = rows.addingReportingOverflow(group.rowCount)
            guard !overflow else { throw .malformed("it has too many rows") }
            rows = sum
        }
        let opened = File(
            footer: footer, text: try textColumn(footer), id: try idColumn(footer), rowCount: rows)
        file = opened
        return opened
    }

    private func textColumn(_ footer: ParquetFooter) throws(ParquetError) -> Int {
        guard let index = try column(fields.textName, footer) else {
            throw .input(
                DataError(
                    .field, at: source.name, "no column \(fields.textName.quoted) among \(Self.list(footer))",
                    remedies: [.nameTextField]))
        }
        let column = footer.columns[index]
        guard column.type == .byteArray, column.convertedType != 5 else {
            throw .input(
                DataError(
                    .field, at: source.name, "column \(column.name.quoted) holds no strings",
                    remedies: [.nameTextField]))
        }
        return index
    }

    private func idColumn(_ footer: ParquetFooter) throws(ParquetError) -> Int? {
        guard let index = try column(fields.idName, footer) else {
            guard let name = fields.id else { return nil }
            throw .input(
                DataError(
                    .field, at: source.name, "no column \(name.quoted) for the id among \(Self.list(footer))",
                    remedies: [.nameIDField]))
        }
        guard let reason = footer.columns[index].reasonAgainstID else { return index }
        guard let name = fields.id else { return nil }
        throw .input(
            DataError(
                .field, at: source.name,
                "column \(name.quoted) \(reason), expected strings or numbers as ids",
                remedies: [.nameIDField]))
    }

    /// The column of that name, which must be there once and not inside a list.
    private func column(_ name: String, _ footer: ParquetFooter) throws(ParquetError) -> Int? {
        let found = footer.columns.indices.filter { footer.columns[$0].name == name }
        guard let index = found.first else { return nil }
        guard found.count == 1 else { throw .malformed("\(found.count) columns are called \(name.quoted)") }
        guard !footer.columns[index].isRepeated else {
            throw .input(
                DataError(
                    .unsupported, at: source.name,
                    "column \(name.quoted) is inside a list, which is not read",
                    remedies: [.advice("name a column with one value for each row")]))
        }
        return index
    }

    private static func list(_ footer: ParquetFooter) -> String {
        footer.columns.prefix(12).map(\.name.quoted).joined(separator: ", ")
            + (footer.columns.count > 12 ? ", …" : "")
    }

    private static func wrapping<R>(_ name: String, _ body: () throws(ParquetError) -> R) throws(DataError)
        -> R
    {
        do throws(ParquetError) { return try body() } catch {
            switch error {
            case .malformed(let reason):
                throw DataError(
                    .malformed, at: name, reason, remedies: [.advice("check whether the file is whole")])
            case .unsupported(let reason, let remedies):
                throw DataError(.unsupported, at: name, reason, remedies: remedies)
            case .input(let error): throw error
            }
        }
    }
}

extension InputFormat {
    /// Columns of a Parquet file.
    public static let parquet = InputFormat(name: "parquet", endings: ["parquet", "pq"], readsFields: true) {
        source, fields in
        ParquetReader(source, fields: fields)
    }
}
