import MartletData
import MartletSystem

/// Records of a query over a database of SQLite, read row by row.
///
/// Where the id ascends strictly, the last id is the place to go on from, and rows may have been added since;
/// else the number of rows is, and a database that has changed is refused.
package struct SQLiteSource: DatabaseSource {
    let path: String
    package let query: DatabaseQuery

    package init(path: String, query: DatabaseQuery) {
        self.path = path
        self.query = query
    }

    package var digest: String { "sqlite:" + query.digest(of: path) }

    package func check() throws(DataError) { _ = try SQLiteRows(self, after: nil) }

    package func open(after checkpoint: Checkpoint?) throws(DataError) -> any DatabaseRows {
        try SQLiteRows(self, after: checkpoint)
    }
}

/// The rows of one query.
final class SQLiteRows: DatabaseRows {
    private let database: SQLiteDatabase
    private let statement: SQLiteStatement
    private let fields: QueryFields
    /// What changes when the file does.
    let state: String?

    init(_ source: SQLiteSource, after checkpoint: Checkpoint?) throws(DataError) {
        database = try SQLiteDatabase(source.path, for: .reading)
        state = Self.state(source.path)
        let whole = try SQLiteStatement(database, source.query.statement)
        guard whole.isReadOnly, !whole.columns.isEmpty else {
            throw DataError(
                .unsupported, at: source.path, "the query writes or gives no columns",
                remedies: [.advice("give a SELECT")])
        }
        let fields = try QueryFields(
            columns: whole.columns, text: source.query.text, id: source.query.id, at: source.path)
        self.fields = fields
        let parameters = source.query.parameters
        guard whole.parameterCount == parameters.count else {
            throw DataError(
                .unsupported, at: source.path,
                "parameters of the query: \(whole.parameterCount); values given: \(parameters.count)",
                remedies: [.advice("name them ?1, ?2 and so on, and give a value for each")])
        }
        try whole.bind(parameters)
        guard let checkpoint else {
            statement = whole
            return
        }
        if let key = checkpoint.key.flatMap(KeyOrder.Key.init), let id = fields.id {
            let column = SQLiteDatabase.quoted(whole.columns[id])
            let query = source.query.statement.droppingEndOfStatement
            statement = try SQLiteStatement(
                database,
                "SELECT * FROM (\(query)) WHERE \(column) COLLATE BINARY > ?\(parameters.count + 1) "
                    + "ORDER BY \(column) COLLATE BINARY"
            )
            try statement.bind(parameters)
            let place = Int32(clamping: parameters.count + 1)
            switch key {
            case .integer(let value): try statement.bind(value, at: place)
            case .text(let value): try statement.bind(value, at: place)
            }
            return
        }
        statement = whole
        for _ in 0..<checkpoint.offset {
            guard try whole.step() else {
                throw DataError(
                    .changedInput, at: source.path,
                    "the query gives fewer rows than before; the database has changed")
            }
        }
    }

    private static func state(_ path: String) -> String? {
        var parts: [String] = []
        for file in [path, "\(path)-wal"] {
            var status = MartletSystem.stat()
            guard stat(file, &status) == 0 else { continue }
            parts.append("\(FileStamp(status))")
        }
        return parts.joined(separator: ";")
    }

    func next() throws(DataError) -> DatabaseRow? {
        guard try statement.step() else { return nil }
        var row = DatabaseRow()
        if let id = fields.id {
            switch try statement.value(id) {
            case .null: row.id = .literal("null")
            case .integer(let value): (row.id, row.key) = (.literal("\(value)"), .integer(value))
            case .double(let value): row.id = .literal("\(value)")
            case .text(let value): (row.id, row.key) = (.text(value), .text(value))
            case .blob: row.fault = "the id is a blob"
            }
        }
        do throws(DataError) {
            switch try statement.value(fields.text) {
            case .text(let value): row.text = value
            case .integer(let value): row.text = "\(value)"
            case .double(let value): row.text = "\(value)"
            case .null: row.fault = "the text is NULL"
            case .blob: row.fault = "the text is a blob"
            }
        } catch {
            guard error.isRecoverable else { throw error }
            row.fault = error.reason
        }
        return row
    }
}
