import MartletData

/// Rows into a table `(id, embedding)` of SQLite: float32 blobs as sqlite-vec reads them, or a `vec0` table
/// of that extension.
///
/// A row replaces one of the same id. Each commit is one transaction with the position in the source, so that
/// every row is there once whatever ends a run.
package struct SQLiteSink: RecordSink {
    private let path: String
    private let table: String
    private let source: String
    private let vectorExtension: String?
    private let isJournaled: Bool
    private var database: SQLiteDatabase?
    private var rows: SQLiteRowWriter?
    private var isInTransaction = false
    private var isFinished = false

    /// - Parameters:
    ///   - source: What names the source and the options of the job.
    ///   - vectorExtension: The file of sqlite-vec, to store the vectors in a `vec0` table; nil: a plain
    ///     table of blobs.
    ///   - isJournaled: Whether a journal says which rows are there, so that they need not be counted.
    package init(
        path: String, table: String, source: String, vectorExtension: String? = nil, isJournaled: Bool = false
    ) {
        self.path = path
        self.table = table
        self.source = source
        self.vectorExtension = vectorExtension
        self.isJournaled = isJournaled
    }

    package mutating func begin(_ schema: VectorSchema) throws(DataError) -> Checkpoint? {
        guard schema.kind == .dense, schema.elementType == .float32 else {
            throw DataError(
                .unsupported, at: path,
                "SQLite takes dense vectors of float32, not \(schema.kind.rawValue) of \(schema.elementType.rawValue)"
            )
        }
        let database = try SQLiteDatabase(path, for: .writing)
        self.database = database
        do throws(DataError) {
            return try begin(schema, in: database)
        } catch {
            // The transaction must not hold the database until somebody forgets the sink.
            try? finish()
            throw error
        }
    }

    private mutating func begin(_ schema: VectorSchema, in database: SQLiteDatabase) throws(DataError)
        -> Checkpoint?
    {
        if let vectorExtension { try database.loadExtension(vectorExtension) }
        try database.execute("PRAGMA journal_mode=WAL")
        try database.execute("BEGIN IMMEDIATE")
        isInTransaction = true
        try database.execute(
            "CREATE TABLE IF NOT EXISTS \(DestinationMark.table) (table_name TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, identity TEXT NOT NULL, "
                + "source TEXT NOT NULL, position TEXT NOT NULL)")
        let name = SQLiteDatabase.quoted(table)
        let place = "\(path), table \(table)"
        let mark = try mark(database)
        if let mark {
            try mark.check(schema, at: place)
        } else if try exists(database) {
            throw DataError(
                .changedInput, at: place, "is there, and which model made its vectors is not known",
                remedies: [.advice("name another table")])
        } else if vectorExtension != nil {
            try database.execute(
                "CREATE VIRTUAL TABLE \(name) USING vec0(id TEXT PRIMARY KEY, embedding float[\(schema.width)] distance_metric=cosine)"
            )
        } else {
            try database.execute(
                "CREATE TABLE \(name) (id PRIMARY KEY NOT NULL, embedding BLOB NOT NULL) WITHOUT ROWID")
        }
        if mark == nil { try write(DestinationMark(schema), database) }
        try database.execute("COMMIT")
        isInTransaction = false
        let rows = try SQLiteRowWriter(
            name, in: database, isOfExtension: vectorExtension != nil, counts: !isJournaled)
        self.rows = rows
        guard let count = rows.count else { return nil }
        return try mark?.checkpoint(of: source, inTableOf: count, at: place)
    }

    private func exists(_ database: SQLiteDatabase) throws(DataError) -> Bool {
        let statement = try SQLiteStatement(database, "SELECT 1 FROM sqlite_master WHERE name = ?1")
        try statement.bind(table, at: 1)
        return try statement.step()
    }

    private func mark(_ database: SQLiteDatabase) throws(DataError) -> DestinationMark? {
        let statement = try SQLiteStatement(
            database,
            "SELECT fingerprint, identity, source, position FROM \(DestinationMark.table) WHERE table_name = ?1"
        )
        try statement.bind(table, at: 1)
        guard try statement.step(), try exists(database) else { return nil }
        func text(_ column: Int) throws(DataError) -> String {
            guard case .text(let text) = try statement.value(column) else { return "" }
            return text
        }
        return DestinationMark(
            fingerprint: try text(0), identity: try text(1), source: try text(2), position: try text(3))
    }

    private func write(_ mark: DestinationMark, _ database: SQLiteDatabase) throws(DataError) {
        let statement = try SQLiteStatement(
            database,
            "INSERT OR REPLACE INTO \(DestinationMark.table) (table_name, fingerprint, identity, source, position) VALUES (?1, ?2, ?3, ?4, ?5)"
        )
        for (position, text) in [table, mark.fingerprint, mark.identity, mark.source, mark.position]
            .enumerated()
        {
            try statement.bind(text, at: Int32(position + 1))
        }
        _ = try statement.step()
    }

    package mutating func write(_ batch: RowBatch) throws(DataError) {
        guard let database, case .dense(let rows) = batch.rows else { return }
        try open(database)
        for (row, record) in batch.records.enumerated() {
            var blob: [UInt8] = []
            rows.appendBytes(row: row, to: &blob)
            do throws(DataError) {
                try self.rows?.put(record, blob)
            } catch {
                throw DataError(
                    error.code, at: record.place, "cannot be stored in \(path): \(error.reason)")
            }
        }
    }

    private mutating func open(_ database: SQLiteDatabase) throws(DataError) {
        guard !isInTransaction else { return }
        try database.execute("BEGIN IMMEDIATE")
        isInTransaction = true
    }

    package mutating func commit(_ checkpoint: Checkpoint) throws(DataError) {
        guard let database else { return }
        try open(database)
        try position(source, DestinationMark.json(checkpoint, rows: rows?.count), database)
        rows?.reset()
        try database.execute("COMMIT")
        isInTransaction = false
    }

    private func position(_ source: String, _ position: String, _ database: SQLiteDatabase) throws(DataError)
    {
        let statement = try SQLiteStatement(
            database, "UPDATE \(DestinationMark.table) SET source = ?1, position = ?2 WHERE table_name = ?3")
        for (place, text) in [source, position, table].enumerated() {
            try statement.bind(text, at: Int32(place + 1))
        }
        _ = try statement.step()
    }

    package func exists() throws(DataError) -> Bool { try exists(SQLiteDatabase(path, for: .writing)) }

    package func remove(_ ids: [RecordID]) throws(DataError) {
        let database = try SQLiteDatabase(path, for: .writing)
        if let vectorExtension { try database.loadExtension(vectorExtension) }
        try database.execute("BEGIN IMMEDIATE")
        let statement = try SQLiteStatement(
            database, "DELETE FROM \(SQLiteDatabase.quoted(table)) WHERE id = ?1")
        for id in ids {
            statement.reset()
            if vectorExtension == nil {
                try statement.bind(id, index: 0, at: 1)
            } else if case .text(let text) = id {
                try statement.bind(text, at: 1)
            } else if case .literal(let text) = id {
                try statement.bind(text, at: 1)
            }
            _ = try statement.step()
        }
        statement.reset()
        try database.execute("COMMIT")
    }

    /// The source was read to its end: a later run begins at its beginning.
    package mutating func complete() throws(DataError) {
        let database = try SQLiteDatabase(path, for: .writing)
        try position("", "", database)
    }

    package mutating func finish() throws(DataError) {
        guard let database, !isFinished else { return }
        isFinished = true
        rows?.reset()
        if isInTransaction { try database.execute("ROLLBACK") }
        isInTransaction = false
        rows = nil
        self.database = nil
    }
}

extension SQLiteSink {
    /// A plain table stores numbers and texts, `vec0` texts.
    func key(of record: Record) -> RecordID {
        if vectorExtension != nil { return .text(record.idText) }
        return switch record.id {
        case .none: .literal("\(record.index)")
        case .literal(let text): Int64(text).map { .literal("\($0)") } ?? .text(text)
        case .text: record.id
        }
    }
}

extension Record {
    /// The id as text; the index where there is none.
    var idText: String {
        switch id {
        case .none: "\(index)"
        case .text(let text), .literal(let text): text
        }
    }
}
