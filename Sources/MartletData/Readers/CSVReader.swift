/// Rows of RFC 4180 under a header that names the columns. A quote inside an unquoted field is an ordinary
/// character; blank rows are passed over.
package struct CSVReader: RecordReader {
    private var rows: CSVRows
    private let fields: FieldNames
    private var header: Header?
    package var bytesRead: Int { rows.bytesRead }
    package var position: ReadPosition { rows.position }

    private struct Header {
        let count: Int
        let text: Int
        let id: Int?
    }

    package init(
        _ source: ByteSource, fields: FieldNames, delimiter: UInt8 = UInt8(ascii: ","),
        limits: ReaderLimits = ReaderLimits()
    ) {
        rows = CSVRows(source, delimiter: delimiter, limits: limits)
        self.fields = fields
    }

    package mutating func skip(to position: ReadPosition) throws(DataError) {
        guard position.offset > 0 else { return }
        while header == nil, position.offset > rows.position.offset {
            guard case .row(let row, let line) = try rows.next(waiting: true) else { return }
            header = try resolve(row, rows.place(line))
        }
        try rows.skip(to: position)
    }

    package mutating func next(waiting: Bool) throws(DataError) -> ReadStep {
        while true {
            switch try rows.next(waiting: waiting) {
            case .idle: return .idle
            case .end: return .end
            case .row(let row, let line):
                if let header { return try record(row, header, line) }
                header = try resolve(row, rows.place(line))
            }
        }
    }

    private func resolve(_ row: [[UInt8]], _ place: String) throws(DataError) -> Header {
        let names = row.map { String(decoding: $0, as: UTF8.self) }
        guard let text = try Self.column(fields.textName, in: names, place) else {
            throw DataError(
                .field, at: place, "no column \"\(fields.textName)\" among \(Self.list(names))",
                remedies: [Self.remedy(for: names)])
        }
        let id = try Self.column(fields.idName, in: names, place)
        if id == nil, let name = fields.id {
            throw DataError(
                .field, at: place, "no column \"\(name)\" for the id among \(Self.list(names))",
                remedies: [.nameIDField])
        }
        return Header(count: names.count, text: text, id: id)
    }

    /// A header of one column that holds another delimiter is of a file with that delimiter.
    private static func remedy(for names: [String]) -> Remedy {
        guard names.count == 1 else { return .nameTextField }
        if names[0].contains("\t") { return .readAs(format: "tsv", purpose: "separate the columns at tabs") }
        return names[0].contains(";")
            ? .advice("columns separated by semicolons are not read: convert the file")
            : .nameTextField
    }

    /// The position of a column, whose name must be there once.
    static func column(_ name: String, in names: [String], _ place: String) throws(DataError) -> Int? {
        let found = names.indices.filter { names[$0] == name }
        guard found.count > 1 else { return found.first }
        throw DataError(
            .field, at: place, "\(found.count) columns are called \"\(name)\", the \(Self.ordinals(found))",
            remedies: [.advice("rename all but one in the header")])
    }

    /// `3rd and 5th`.
    private static func ordinals(_ columns: [Int]) -> String {
        let words = columns.map { column -> String in
            let number = column + 1
            switch (number % 10, number % 100) {
            case (1, let tens) where tens != 11: return "\(number)st"
            case (2, let tens) where tens != 12: return "\(number)nd"
            case (3, let tens) where tens != 13: return "\(number)rd"
            default: return "\(number)th"
            }
        }
        return words.dropLast().joined(separator: ", ") + " and " + (words.last ?? "")
    }

    private func record(_ row: [[UInt8]], _ header: Header, _ line: Int) throws(DataError) -> ReadStep {
        let place = rows.place(line)
        try CSVRows.check(row, columns: header.count, place)
        let text = try CSVRows.text(row[header.text], place)
        guard let column = header.id else { return .record(text: text, id: .none, line: line) }
        return .record(text: text, id: .text(try CSVRows.text(row[column], place)), line: line)
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(12).map { "\"\($0)\"" }.joined(separator: ", ") + (names.count > 12 ? ", …" : "")
    }
}

extension InputFormat {
    /// Rows of comma-separated values under a header.
    public static let csv = InputFormat(name: "csv", endings: ["csv"], readsFields: true) { source, fields in
        CSVReader(source, fields: fields)
    }

    /// Rows of tab-separated values under a header.
    public static let tsv = InputFormat(name: "tsv", endings: ["tsv"], readsFields: true) { source, fields in
        CSVReader(source, fields: fields, delimiter: UInt8(ascii: "\t"))
    }
}
