/// Rows of a file or a stream of Apache Arrow, of which two columns are read, as pyarrow, pandas, polars and
/// datasets write them; files are also called Feather 2. Batches may be compressed with LZ4 or zstd. `line`
/// counts rows from 1.
package struct ArrowReader: RecordReader {
    private let source: ByteSource
    private let fields: FieldNames
    /// The most bytes of the values of dictionaries.
    private let dictionaryLimit: Int
    private var input: ArrowInput
    private var schema: Schema?
    private var text: ArrowColumnReader?
    private var id: ArrowColumnReader?
    private var row = 0
    /// Of the batch that is open: its bytes before, inside and after it, and its rows.
    private var batch: (start: Int, bytes: Int, rows: Int, left: Int) = (0, 0, 0, 0)
    private var isAtEnd = false

    private struct Schema {
        let text: Column
        let id: Column?
        /// By their numbers.
        var dictionaries: [Int: ArrowDictionary] = [:]
    }

    private struct Column {
        let field: ArrowField
        /// Where it begins in a batch: what the columns to its left take.
        let start: ArrowLayout
    }

    package init(_ source: ByteSource, fields: FieldNames, dictionaryLimit: Int = 1 << 30) {
        self.source = source
        self.fields = fields
        self.dictionaryLimit = dictionaryLimit
        input = ArrowInput(source)
    }

    package var position: ReadPosition { ReadPosition(offset: row, lines: row) }

    /// Inside a batch by the share of its rows: its columns are read beside each other.
    package var bytesRead: Int {
        if let consumed = source.bytesConsumed() { return consumed }
        if isAtEnd { return source.size ?? input.offset }
        guard batch.left > 0 else { return input.offset }
        let done = Double(batch.rows - batch.left) / Double(batch.rows)
        return batch.start + Int(Double(batch.bytes) * done)
    }

    package mutating func skip(to position: ReadPosition) throws(DataError) {
        try ColumnFileError.named(source.name) { () throws(ColumnFileError) in
            while row < position.offset {
                if batch.left == 0, try !nextBatch(rowsToSkip: position.offset - row) { break }
                if batch.left > 0 { _ = try nextRow() }
            }
        }
    }

    package mutating func next(waiting: Bool) throws(DataError) -> ReadStep {
        if !waiting, batch.left == 0, !isAtEnd, !source.isReady() { return .idle }
        guard
            let (text, id) = try ColumnFileError.named(
                source.name, { () throws(ColumnFileError) in try nextRow() })
        else { return .end }
        return try .record(text, id: id, fields: fields, source: source.name, row: row)
    }

    /// The values of the next row; nil after the last.
    private mutating func nextRow() throws(ColumnFileError) -> (text: ColumnValue, id: ColumnValue?)? {
        while batch.left == 0 {
            if try !nextBatch(rowsToSkip: 0) { return nil }
        }
        guard let textValue = try text?.next() else { return nil }
        let idValue = try id?.next()
        batch.left -= 1
        row += 1
        return (textValue, idValue)
    }

    /// Goes to the next batch, or over one that has no more rows than are to be skipped; false after the last.
    private mutating func nextBatch(rowsToSkip: Int) throws(ColumnFileError) -> Bool {
        guard !isAtEnd else { return false }
        guard let message = try input.next() else {
            guard schema != nil else {
                throw .malformed("it is not an Arrow file or stream: it has no schema")
            }
            isAtEnd = true
            return false
        }
        guard message.kind != .schema else {
            guard schema == nil else { throw .malformed("it has more than one schema") }
            schema = try readSchema(message)
            try input.skipBody(of: message)
            return true
        }
        guard let schema else { throw .malformed("it does not begin with a schema") }
        if message.kind == .dictionary {
            try readDictionary(message, schema)
            return true
        }
        let rows = try ArrowRecordBatch.rowCount(message.header)
        guard rows > rowsToSkip else {
            try input.skipBody(of: message)
            row += rows
            return true
        }
        let start = input.offset
        let found = try ArrowRecordBatch(message.header, try input.body(of: message))
        func reader(_ column: Column) throws(ColumnFileError) -> ArrowColumnReader {
            guard let (number, index) = column.field.dictionary else {
                return try found.column(column.field.type, after: column.start)
            }
            return try found.column(
                index, after: column.start, dictionary: schema.dictionaries[number]?.values ?? [])
        }
        text = try reader(schema.text)
        id = nil
        if let column = schema.id { id = try reader(column) }
        batch = (start, message.bodyLength, rows, rows)
        return true
    }

    private func readSchema(_ message: ArrowInput.Message) throws(ColumnFileError) -> Schema {
        guard try message.header.integer(0, Int16.self) ?? 0 == 0 else {
            throw .unsupported("its numbers are big-endian")
        }
        var budget = ArrowField.Budget()
        var columns: [ArrowField] = []
        var starts: [ArrowLayout] = []
        var taken = ArrowLayout()
        try message.header.forEachTable(1) { (table) throws(ColumnFileError) in
            let field = try ArrowField(table, isOldUnion: message.version < 4, budget: &budget)
            columns.append(field)
            starts.append(taken)
            taken += field.layout
        }
        let choice = try ColumnChoice(of: columns, fields, at: source.name)
        return Schema(
            text: Column(field: columns[choice.text], start: starts[choice.text]),
            id: choice.id.map { Column(field: columns[$0], start: starts[$0]) })
    }

    /// Values of a dictionary: new ones, more of it, or others in their place.
    private mutating func readDictionary(
        _ message: ArrowInput.Message, _ schema: Schema
    ) throws(ColumnFileError) {
        let number = try message.header.integer(0, Int64.self) ?? 0
        let columns = [schema.text, schema.id].compactMap { $0 }
        guard let column = columns.first(where: { $0.field.dictionary?.id == number }) else {
            return try input.skipBody(of: message)
        }
        guard let header = try message.header.table(1) else { throw .malformed("a dictionary has no values") }
        let isMore = try message.header.integer(2, UInt8.self) ?? 0 == 1
        let found = try ArrowRecordBatch(header, try input.body(of: message))
        var reader = try found.column(column.field.type, after: ArrowLayout())
        let earlier = isMore ? schema.dictionaries[number] : nil
        var dictionary = earlier ?? ArrowDictionary()
        var bytesLeft = dictionaryLimit
        for (other, found) in schema.dictionaries where other != number { bytesLeft -= found.byteCount }
        for _ in 0..<found.rowCount {
            dictionary.append(try reader.next())
            guard dictionary.byteCount <= bytesLeft else {
                throw .unsupported("its dictionaries have more than \(dictionaryLimit >> 20) MiB")
            }
        }
        self.schema?.dictionaries[number] = dictionary
    }
}

extension InputFormat {
    /// Columns of a file or a stream of Apache Arrow.
    public static let arrow = InputFormat(
        name: "arrow", endings: ["arrow", "feather", "ipc", "arrows"], readsFields: true
    ) { source, fields in ArrowReader(source, fields: fields) }
}
