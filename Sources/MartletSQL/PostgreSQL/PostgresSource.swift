import MartletData

/// Records of a query over PostgreSQL, read through a cursor of the server in one read-only transaction.
///
/// Where the id ascends strictly, integers by value and texts by their bytes (`COLLATE "C"`), the last id is
/// the place to go on from. The server keeps no moment of a query after its connection, so other queries
/// cannot go on.
package struct PostgresSource: DatabaseSource {
    let address: String
    package let query: DatabaseQuery

    package init(address: String, query: DatabaseQuery) {
        self.address = address
        self.query = query
    }

    package var digest: String {
        "postgres:" + query.digest(of: PostgresConnection.withoutPassword(address))
    }

    package func check() throws(DataError) { _ = try PostgresRows(self, after: nil) }

    package func open(after checkpoint: Checkpoint?) throws(DataError) -> any DatabaseRows {
        try PostgresRows(self, after: checkpoint)
    }
}

/// The rows of one query.
final class PostgresRows: DatabaseRows {
    private static let rowsAtOnce = 1...1000
    /// int8, int2, int4 in the server's catalogue.
    private static let integerTypes: Set<UInt32> = [20, 21, 23]

    private let connection: PostgresConnection
    private let fields: QueryFields
    private let hasIntegerID: Bool
    private let batchSize: BatchSize
    private var result: PostgresResult
    private var position = 0
    /// Bytes of text in `result`, as far as it was read.
    private var bytes = 0

    var state: String? { nil }

    init(_ source: PostgresSource, after checkpoint: Checkpoint?) throws(DataError) {
        let connection = try PostgresConnection(source.address)
        self.connection = connection
        batchSize = source.query.batchSize
        let (query, parameters) = (source.query.statement.droppingEndOfStatement, source.query.parameters)
        try connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        // Its columns, before a row is read.
        let shape = try connection.execute("SELECT * FROM (\(query)) AS q LIMIT 0", parameters)
        let fields = try QueryFields(
            columns: shape.columns, text: source.query.text, id: source.query.id, at: connection.name)
        self.fields = fields
        hasIntegerID = fields.id.map { Self.integerTypes.contains(shape.type($0)) } ?? false
        var statement = query
        if let key = checkpoint?.key.flatMap(KeyOrder.Key.init), let id = fields.id {
            let column = PostgresConnection.quotedPart(shape.columns[id])
            switch key {
            case .integer(let value):
                statement = "SELECT * FROM (\(query)) AS q WHERE \(column) > \(value) ORDER BY \(column)"
            case .text(let value):
                let literal =
                    "'"
                    + value.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
                    + "'"
                statement =
                    "SELECT * FROM (\(query)) AS q WHERE \(column) COLLATE \"C\" > \(literal) ORDER BY \(column) COLLATE \"C\""
            }
        }
        try connection.execute("DECLARE martlet_rows NO SCROLL CURSOR FOR \(statement)", parameters)
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
        if let id = fields.id {
            switch result.text(position, id) {
            case nil: row.id = .literal("null")
            case let text? where hasIntegerID:
                (row.id, row.key) = (.literal(text), Int64(text).map { .integer($0) })
            case let text?: (row.id, row.key) = (.text(text), .text(text))
            }
        }
        if let text = result.text(position, fields.text) {
            row.text = text
            bytes += text.utf8.count
        } else {
            row.fault = "the text is NULL"
        }
        return row
    }
}

extension Int {
    fileprivate func clamped(to range: ClosedRange<Int>) -> Int {
        Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
    }
}
