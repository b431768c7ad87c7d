import MartletData

/// Rows into a table `(id, embedding)` of PostgreSQL with pgvector.
///
/// Rows come by a binary COPY: into the table while their ids ascend beyond all that it has, else into a
/// temporary table, and from there, one for each id, into the table. Each commit is one transaction with the
/// position in the source, so that every row is there once whatever ends a run.
package struct PostgresSink: RecordSink {
    private let address: String
    private let table: String
    private let source: String
    private let isBits: Bool
    private let makesIndex: Bool
    private let isJournaled: Bool
    private let library: PostgresLibrary?
    private var connection: PostgresConnection?
    private var schema = VectorSchema(width: 0)
    private var hasIntegerID: Bool?
    private var position = 0
    /// Rows of the table, unless a journal says which are there.
    private var rowCount = 0
    private var isInTransaction = false
    /// Whether each id is larger than all before it, in the table and in this run.
    private var order = KeyOrder()
    private var hasStage = false
    /// Ids in the temporary table, and whether one came twice: only then the rows have to be sorted.
    private var ids: Set<VectorTable.ID> = []
    private var hasRepeatedID = false

    /// - Parameters:
    ///   - source: What names the source and the options of the job.
    ///   - isBits: Whether the bytes of a vector are eight dimensions each.
    ///   - makesIndex: Whether `complete` makes an HNSW index for cosine distance.
    ///   - isJournaled: Whether a journal says which rows are there, so that they need not be counted.
    package init(
        address: String, table: String, source: String, isBits: Bool = false, makesIndex: Bool = false,
        isJournaled: Bool = false
    ) {
        self.init(
            address: address, table: table, source: source, isBits: isBits, makesIndex: makesIndex,
            isJournaled: isJournaled, library: nil)
    }

    /// - Parameter library: nil: that of the system.
    init(
        address: String, table: String, source: String, isBits: Bool = false, makesIndex: Bool = false,
        isJournaled: Bool = false, library: PostgresLibrary?
    ) {
        self.library = library
        self.address = address
        self.table = table
        self.source = source
        self.isBits = isBits
        self.makesIndex = makesIndex
        self.isJournaled = isJournaled
    }

    private var name: String { PostgresConnection.quoted(table) }

    package mutating func begin(_ schema: VectorSchema) throws(DataError) -> Checkpoint? {
        guard schema.kind == .dense, let type = VectorTable.type(schema, isBits: isBits) else {
            throw DataError(
                .unsupported, at: PostgresConnection.withoutPassword(address),
                "pgvector stores dense vectors of float32, float16 or bits, not \(schema.kind.rawValue) of \(schema.elementType.rawValue)"
            )
        }
        self.schema = schema
        let connection = try PostgresConnection(address, library: library)
        self.connection = connection
        try connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        try connection.execute(
            "CREATE TABLE IF NOT EXISTS \(DestinationMark.table) (table_name text PRIMARY KEY, fingerprint text NOT NULL, identity text NOT NULL, "
                + "source text NOT NULL, position text NOT NULL)")
        let place = "\(connection.name), table \(table)"
        let existing = try connection.execute(
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = 'id'",
            [name])
        let marks = try connection.execute(
            "SELECT fingerprint, identity, source, position FROM \(DestinationMark.table) WHERE table_name = $1",
            [table])
        guard existing.count > 0 else {
            // The first record says which type its id has.
            try connection.execute("DELETE FROM \(DestinationMark.table) WHERE table_name = $1", [table])
            try checkAbsent(connection, place)
            embeddingType = type
            return nil
        }
        guard marks.count == 1 else {
            throw DataError(
                .changedInput, at: place, "is there, and which model made its vectors is not known",
                remedies: [.advice("name another table")])
        }
        let mark = DestinationMark(
            fingerprint: marks.text(0, 0) ?? "", identity: marks.text(0, 1) ?? "",
            source: marks.text(0, 2) ?? "",
            position: marks.text(0, 3) ?? "")
        try mark.check(schema, at: place)
        hasIntegerID = existing.text(0, 0) == "bigint"
        order = try orderOfTable(connection)
        guard !isJournaled else { return nil }
        rowCount = try connection.execute("SELECT count(*) FROM \(name)").integer
        return try mark.checkpoint(of: source, inTableOf: rowCount, at: place)
    }

    private var embeddingType = ""

    private func checkAbsent(_ connection: PostgresConnection, _ place: String) throws(DataError) {
        guard try connection.execute("SELECT to_regclass($1)", [name]).text(0, 0) != nil else { return }
        throw DataError(
            .changedInput, at: place, "is there without a column \"id\", so it is not a table of vectors",
            remedies: [.advice("name another table")])
    }

    private mutating func make(_ connection: PostgresConnection, for record: Record) throws(DataError) {
        var isInteger = false
        switch record.id {
        case .none: isInteger = true
        case .literal(let text): isInteger = Int64(text) != nil
        case .text: break
        }
        try connection.execute("BEGIN")
        try connection.execute(
            "CREATE TABLE \(name) (id \(isInteger ? "bigint" : "text") PRIMARY KEY, embedding \(embeddingType) NOT NULL)"
        )
        let mark = DestinationMark(schema)
        try connection.execute(
            "INSERT INTO \(DestinationMark.table) VALUES ($1, $2, $3, '', '')",
            [table, mark.fingerprint, mark.identity])
        try connection.execute("COMMIT")
        hasIntegerID = isInteger
    }

    /// The order of the ids that the table has: new ones ascend if they are larger than its largest. An index
    /// finds the largest number; it does not compare texts by their bytes, so their order counts as broken.
    private func orderOfTable(_ connection: PostgresConnection) throws(DataError) -> KeyOrder {
        var order = KeyOrder()
        if hasIntegerID == true {
            let largest = try connection.execute("SELECT max(id) FROM \(name)").text(0, 0)
            if let largest { order.add(Int64(largest).map { .integer($0) }) }
        } else if try connection.execute("SELECT 1 FROM \(name) LIMIT 1").count > 0 {
            order.add(nil)
        }
        return order
    }

    package mutating func write(_ batch: RowBatch) throws(DataError) {
        guard let connection, case .dense(let rows) = batch.rows, let first = batch.records.first else {
            return
        }
        if hasIntegerID == nil { try make(connection, for: first) }
        try open(connection)
        var found: [VectorTable.ID] = []
        found.reserveCapacity(batch.records.count)
        for record in batch.records {
            let id = try VectorTable.id(record, isInteger: hasIntegerID ?? false)
            order.add(id.key)
            found.append(id)
        }
        if order.isAscending, try copyDirectly(found, rows, connection) {
            rowCount += found.count
            return
        }
        order.add(nil)
        try stage(found, rows, connection)
    }

    /// Copies rows into the table itself.
    /// - Returns: false, and none is copied, if the table has one of the ids, as another session wrote it.
    private func copyDirectly(
        _ ids: [VectorTable.ID], _ rows: DenseRows, _ connection: PostgresConnection
    ) throws(DataError) -> Bool {
        var copy = CopyRows(rowCount: ids.count, width: rows.width)
        for (row, id) in ids.enumerated() { copy.append(id: id, vector: rows, row: row, bits: isBits) }
        copy.finish()
        try connection.execute("SAVEPOINT martlet_copy")
        do throws(PostgresError) {
            try connection.copy(into: "\(name) (id, embedding)", copy.bytes)
        } catch {
            guard error.state == PostgresError.uniqueViolation else { throw error.dataError }
            try connection.execute("ROLLBACK TO SAVEPOINT martlet_copy")
            return false
        }
        try connection.execute("RELEASE SAVEPOINT martlet_copy")
        return true
    }

    private mutating func stage(
        _ ids: [VectorTable.ID], _ rows: DenseRows, _ connection: PostgresConnection
    ) throws(DataError) {
        if !hasStage {
            try connection.execute(
                "CREATE TEMPORARY TABLE martlet_stage AS SELECT 0::bigint AS position, id, embedding FROM \(name) LIMIT 0"
            )
            hasStage = true
        }
        var copy = CopyRows(rowCount: ids.count, width: rows.width)
        for (row, id) in ids.enumerated() {
            if !self.ids.insert(id).inserted { hasRepeatedID = true }
            copy.append(position: position, id: id, vector: rows, row: row, bits: isBits)
            position += 1
        }
        copy.finish()
        do throws(PostgresError) {
            try connection.copy(into: "martlet_stage", copy.bytes)
        } catch {
            throw error.dataError
        }
    }

    private mutating func open(_ connection: PostgresConnection) throws(DataError) {
        guard !isInTransaction else { return }
        try connection.execute("BEGIN")
        isInTransaction = true
    }

    package mutating func commit(_ checkpoint: Checkpoint) throws(DataError) {
        guard let connection, hasIntegerID != nil else { return }
        try open(connection)
        if !ids.isEmpty { try takeStage(connection) }
        try connection.execute(
            "UPDATE \(DestinationMark.table) SET source = $1, position = $2 WHERE table_name = $3",
            [source, DestinationMark.json(checkpoint, rows: isJournaled ? nil : rowCount), table])
        try connection.execute("COMMIT")
        isInTransaction = false
    }

    /// The rows of the temporary table replace those of their ids.
    private mutating func takeStage(_ connection: PostgresConnection) throws(DataError) {
        let rows =
            hasRepeatedID
            ? "SELECT DISTINCT ON (id) id, embedding FROM martlet_stage ORDER BY id, position DESC"
            : "SELECT id, embedding FROM martlet_stage"
        // A row that was there has the transaction that replaces it as its xmax.
        rowCount += try connection.execute(
            "WITH stored AS (INSERT INTO \(name) (id, embedding) \(rows) ON CONFLICT (id) DO UPDATE SET embedding = excluded.embedding "
                + "RETURNING (xmax = 0) AS is_new) SELECT count(*) FROM stored WHERE is_new"
        ).integer
        (ids, hasRepeatedID) = ([], false)
        try connection.execute("TRUNCATE martlet_stage")
    }

    /// The statement that makes an index for nearest neighbours.
    package static func indexStatement(table: String, _ schema: VectorSchema, isBits: Bool) -> String {
        "CREATE INDEX ON \(PostgresConnection.quoted(table)) USING hnsw (embedding \(VectorTable.operatorClass(schema, isBits: isBits)))"
    }

    package func exists() throws(DataError) -> Bool {
        let connection = try PostgresConnection(address)
        return try connection.execute("SELECT to_regclass($1)", [name]).text(0, 0) != nil
    }

    package func remove(_ ids: [RecordID]) throws(DataError) {
        let connection = try PostgresConnection(address)
        try connection.execute("BEGIN")
        for id in ids {
            switch id {
            case .none: break
            case .text(let text), .literal(let text):
                try connection.execute("DELETE FROM \(name) WHERE id = $1", [text])
            }
        }
        try connection.execute("COMMIT")
    }

    /// The source was read to its end: a later run begins at its beginning.
    package func complete() throws(DataError) {
        let connection = try PostgresConnection(address)
        if makesIndex {
            let found = try connection.execute(
                "SELECT 1 FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam "
                    + "WHERE indrelid = to_regclass($1) AND amname = 'hnsw'", [name])
            if found.count == 0 {
                let type = try connection.execute(
                    "SELECT format_type(atttypid, -1) FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = 'embedding'",
                    [name])
                var schema = VectorSchema(width: 0)
                if type.text(0, 0) == "halfvec" { schema.elementType = .float16 }
                try connection.execute(Self.indexStatement(table: table, schema, isBits: isBits))
            }
        }
        try connection.execute(
            "UPDATE \(DestinationMark.table) SET source = '', position = '' WHERE table_name = $1", [table])
    }

    package mutating func finish() throws(DataError) {
        connection = nil
    }
}

extension PostgresSink {
    /// A table takes numbers or texts, never both.
    func key(of record: Record) -> RecordID { .text(record.idText) }
}
