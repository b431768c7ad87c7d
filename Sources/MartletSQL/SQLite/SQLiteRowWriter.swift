import MartletData

/// Puts rows into a table of vectors, and knows how many the table has if it was to count them.
struct SQLiteRowWriter {
    private let database: SQLiteDatabase
    /// Whether the table is one of `vec0`, which stores texts as ids and knows no conflicts.
    private let isOfExtension: Bool
    /// Run for each row. The second one only for a row that is there; of `vec0` the first is what is only for
    /// such a row.
    private let statements: [SQLiteStatement]
    /// Rows of the table; nil: nobody counts.
    private(set) var count: Int?

    /// - Parameters:
    ///   - table: Its name, quoted.
    ///   - counts: Whether to count the rows: it reads the whole table once.
    init(_ table: String, in database: SQLiteDatabase, isOfExtension: Bool, counts: Bool) throws(DataError) {
        self.database = database
        self.isOfExtension = isOfExtension
        let texts =
            isOfExtension
            ? ["DELETE FROM \(table) WHERE id = ?1", "INSERT INTO \(table) (id, embedding) VALUES (?1, ?2)"]
            : [
                "INSERT INTO \(table) (id, embedding) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING",
                "UPDATE \(table) SET embedding = ?2 WHERE id = ?1",
            ]
        statements = try texts.map { text throws(DataError) in try SQLiteStatement(database, text) }
        guard counts else { return }
        let counting = try SQLiteStatement(database, "SELECT count(*) FROM \(table)")
        if try counting.step(), case .integer(let found) = try counting.value(0) { count = Int(found) }
    }

    /// Stores a row, which replaces one of the same id.
    mutating func put(_ record: Record, _ blob: [UInt8]) throws(DataError) {
        if isOfExtension {
            try run(statements[0], for: record)
            if database.changes == 0 { countOne() }
            try run(statements[1], for: record, vector: blob)
        } else {
            try run(statements[0], for: record, vector: blob)
            if database.changes > 0 { countOne() } else { try run(statements[1], for: record, vector: blob) }
        }
    }

    private mutating func countOne() { count = count.map { $0 + 1 } }

    private func run(_ statement: SQLiteStatement, for record: Record, vector blob: [UInt8]? = nil)
        throws(DataError)
    {
        statement.reset()
        if isOfExtension {
            try statement.bind(record.idText, at: 1)
        } else {
            try statement.bind(record.id, index: record.index, at: 1)
        }
        if let blob { try statement.bind(blob, at: 2) }
        _ = try statement.step()
    }

    func reset() { for statement in statements { statement.reset() } }
}
