import MartletData

/// A table of SQLite.
package struct SQLiteDestination: Destination {
    private let path: String
    private let table: String
    private let source: String
    private let vectorExtension: String?
    private let isJournaled: Bool

    package init(
        path: String, table: String, source: String, vectorExtension: String? = nil, isJournaled: Bool = false
    ) {
        self.path = path
        self.table = table
        self.source = source
        self.vectorExtension = vectorExtension
        self.isJournaled = isJournaled
    }

    package var name: String { "table \(table) of \(path)" }
    private var sink: SQLiteSink {
        SQLiteSink(
            path: path, table: table, source: source, vectorExtension: vectorExtension,
            isJournaled: isJournaled)
    }

    package func open() throws(DataError) -> any RecordSink { sink }
    package func key(of record: Record) -> RecordID { sink.key(of: record) }
    nonisolated(nonsending) package func exists() async throws -> Bool { try sink.exists() }
    nonisolated(nonsending) package func remove(_ ids: [RecordID]) async throws { try sink.remove(ids) }
    nonisolated(nonsending) package func complete() async throws {
        var sink = sink
        try sink.complete()
    }
}

/// A table of PostgreSQL with pgvector.
package struct PostgresDestination: Destination {
    private let address: String
    private let table: String
    private let source: String
    private let isBits: Bool
    private let makesIndex: Bool
    private let isJournaled: Bool

    package init(
        address: String, table: String, source: String, isBits: Bool = false, makesIndex: Bool = false,
        isJournaled: Bool = false
    ) {
        self.address = address
        self.table = table
        self.source = source
        self.isBits = isBits
        self.makesIndex = makesIndex
        self.isJournaled = isJournaled
    }

    package var name: String { "table \(table) of \(PostgresConnection.withoutPassword(address))" }
    private var sink: PostgresSink {
        PostgresSink(
            address: address, table: table, source: source, isBits: isBits, makesIndex: makesIndex,
            isJournaled: isJournaled)
    }

    package func open() throws(DataError) -> any RecordSink { sink }
    package func key(of record: Record) -> RecordID { sink.key(of: record) }
    nonisolated(nonsending) package func exists() async throws -> Bool { try sink.exists() }
    nonisolated(nonsending) package func remove(_ ids: [RecordID]) async throws { try sink.remove(ids) }
    nonisolated(nonsending) package func complete() async throws { try sink.complete() }

    /// The statement that makes an index for nearest neighbours.
    package func indexStatement(_ schema: VectorSchema) -> String {
        PostgresSink.indexStatement(table: table, schema, isBits: isBits)
    }
}
