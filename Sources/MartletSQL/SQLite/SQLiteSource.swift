import MartletData

/// Records of a query over a database of SQLite, read row by row.
package struct SQLiteSource: DatabaseSource {
    let path: String
    package let query: DatabaseQuery

    package init(path: String, query: DatabaseQuery) {
        self.path = path
        self.query = query
    }

    package var digest: String { "sqlite:" + query.digest(of: path) }

    package func check() throws(DataError) { _ = try SQLiteRows(self) }
    package func open() throws(DataError) -> any DatabaseRows { try SQLiteRows(self) }
}

/// The rows of one query.
final class SQLiteRows: DatabaseRows {
    private let database: SQLiteDatabase
    private let statement: SQLiteStatement
    private let fields: QueryFields

    init(_ source: SQLiteSource) throws(DataError) {
        database = try SQLiteDatabase(source.path, for: .reading)
        statement = try SQLiteStatement(database, source.query.statement)
        guard statement.isReadOnly, !statement.columns.isEmpty else {
            throw DataError(
                .unsupported, at: source.path, "the query writes or gives no columns",
                remedies: [.advice("give a SELECT")])
        }
        fields = try QueryFields(
            columns: statement.columns, text: source.query.text, id: source.query.id, at: source.path)
        let parameters = source.query.parameters
        guard statement.parameterCount == parameters.count else {
            throw DataError(
                .unsupported, at: source.path,
                "parameters of the query: \(statement.parameterCount); values given: \(parameters.count)",
                remedies: [.advice("name them ?1, ?2 and so on, and give a value for each")])
        }
        try statement.bind(parameters)
    }

    func next() throws(DataError) -> DatabaseRow? {
        guard try statement.step() else { return nil }
        var row = DatabaseRow()
        if let id = fields.id {
            switch try statement.value(id) {
            case .null: row.id = .null
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
