import MartletData

/// Records of a query over PostgreSQL, read through a cursor of the server in one read-only transaction.
package struct PostgresSource: DatabaseSource {
    let address: String
    package let query: DatabaseQuery
    private let library: PostgresLibrary?

    package init(address: String, query: DatabaseQuery) {
        self.init(address: address, query: query, library: nil)
    }

    /// - Parameter library: nil: that of the system.
    init(address: String, query: DatabaseQuery, library: PostgresLibrary?) {
        (self.address, self.query, self.library) = (address, query, library)
    }

    package var digest: String {
        "postgres:" + query.digest(of: PostgresConnection.withoutPassword(address))
    }

    package func check() throws(DataError) { _ = try PostgresRows(self, library) }
    package func open() throws(DataError) -> any DatabaseRows { try PostgresRows(self, library) }
}

/// The rows of one query.
final class PostgresRows: DatabaseRows {
    private static let rowsAtOnce = 1...1000
    /// Numbers of types in the server's catalogue: int8, int2, int4.
    private static let integerTypes: Set<UInt32> = [20, 21, 23]
    private static let bytea: UInt32 = 17

    private let connection: PostgresConnection
    private let fields: QueryFields
    private let hasIntegerID: Bool
    /// Why no row is a record: the server would give bytes as a text of digits.
    private let fault: String?
    private let batchSize: BatchSize
    private var result: PostgresResult
    private var position = 0
    /// Bytes of text in `result`, as far as it was read.
    private var bytes = 0

    init(_ source: PostgresSource, _ library: PostgresLibrary?) throws(DataError) {
        let connection = try PostgresConnection(source.address, library: library)
        self.connection = connection
        batchSize = source.query.batchSize
        let (query, parameters) = (source.query.statement.droppingEndOfStatement, source.query.parameters)
        try connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        // Its columns, before a row is read. The query may end in a comment, which ends with its line.
        let shape = try connection.execute("SELECT * FROM (\(query)\n) AS q LIMIT 0", parameters)
        let fields = try QueryFields(
            columns: shape.columns, text: source.query.text, id: source.query.id, at: connection.name)
        self.fields = fields
        hasIntegerID = fields.id.map { Self.integerTypes.contains(shape.type($0)) } ?? false
        fault =
            shape.type(fields.text) == Self.bytea
            ? "the text is a blob (bytea)"
            : fields.id.map { shape.type($0) == Self.bytea } == true ? "the id is a blob (bytea)" : nil
        try connection.execute("DECLARE martlet_rows NO SCROLL CURSOR FOR \(query)", parameters)
        let first = batchSize.texts.clamped(to: Self.rowsAtOnce)
        result = try connection.execute("FETCH \(first) FROM martlet_rows")
    }

    /// About as many rows as a batch takes, in number and in bytes: a result is in memory as a whole.
    private var rowsOfNextResult: Int {
        let fitting = batchSize.maxBytes * result.count / max(1, bytes)
        return min(max(batchSize.texts, 100), fitting).clamped(to: Self.rowsAtOnce)
    }

    func next() throws(DataError) -> DatabaseRow? {
        if position == result.count {
            guard position > 0 else { return nil }
            result = try connection.execute("FETCH \(rowsOfNextResult) FROM martlet_rows")
            (position, bytes) = (0, 0)
            guard result.count > 0 else { return nil }
        }
        defer { position += 1 }
        var row = DatabaseRow()
        row.fault = fault
        if let id = fields.id {
            switch result.text(position, id) {
            case nil: row.id = .null
            case let text? where hasIntegerID:
                (row.id, row.key) = (.literal(text), Int64(text).map { .integer($0) })
            case let text?: (row.id, row.key) = (.text(text), .text(text))
            }
        }
        if let text = result.text(position, fields.text) {
            row.text = text
            bytes += text.utf8.count
        } else {
            row.fault = fault ?? "the text is NULL"
        }
        return row
    }
}

extension Int {
    fileprivate func clamped(to range: ClosedRange<Int>) -> Int {
        Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
    }
}
