import MartletData
import MartletHTTP

/// A collection of a vector database, as ``StoreSink`` uses it. One type for each database.
///
/// Rows are upserted by id, so a row that is sent twice is stored once.
package protocol StoreCollection: Sendable {
    /// How messages name it, without secrets.
    var name: String { get }
    /// The most rows and bytes of one request.
    var limits: StoreLimits { get }

    /// - Throws: ``DataError/Code/unsupported`` if the database does not store such rows.
    func check(_ schema: VectorSchema) throws(DataError)

    /// What is there under the name.
    mutating func state() async throws -> StoreState

    /// What the database knows the record's row by: rows of one key replace each other.
    func key(of record: Record) -> RecordID

    /// Makes the collection, which is absent, and stores the mark in it.
    mutating func make(_ schema: VectorSchema, _ mark: DestinationMark) async throws

    /// Stores the first mark in a collection that is prepared.
    func join(_ mark: DestinationMark) async throws

    /// Stores rows; when it returns they are durable. A row replaces the one with its key. No key comes twice.
    func upsert(_ rows: [StoreRow]) async throws

    /// Removes the rows with these ids, if there are any.
    func remove(_ ids: [RecordID]) async throws

    /// Replaces the mark of a collection that has one.
    func write(_ mark: DestinationMark) async throws

    /// All rows of a source are stored: makes them visible to searches.
    func complete() async throws
}

extension StoreCollection {
    package var limits: StoreLimits { StoreLimits() }
    package func key(of record: Record) -> RecordID { .text(record.idText) }
    package func join(_ mark: DestinationMark) async throws { try await write(mark) }
    package func complete() async throws {}

    /// - Throws: ``DataError/Code/unsupported`` for rows that are no dense vectors of float32.
    func requireDenseFloats(_ schema: VectorSchema) throws(DataError) {
        guard schema.kind == .dense, schema.elementType == .float32 else {
            throw DataError(
                .unsupported, at: name,
                "takes dense vectors of float32, not \(schema.kind.rawValue) of \(schema.elementType.rawValue)"
            )
        }
    }
}

/// What a database has under the name of a collection.
package enum StoreState: Sendable, Equatable {
    case absent
    /// A collection, and what it says of its vectors; nil: nothing that Martlet has written.
    case present(DestinationMark?)
    /// A collection that Martlet has made, with a place for vectors of this kind and none there yet.
    case prepared
}

package struct StoreLimits: Sendable, Equatable {
    package var rows = 500
    package var bytes = 8 << 20

    package init(rows: Int = 500, bytes: Int = 8 << 20) {
        self.rows = rows
        self.bytes = bytes
    }
}

/// A row of a batch.
package struct StoreRow: Sendable {
    package let record: Record
    package let rows: VectorRows
    /// In `rows`.
    package let position: Int

    package init(_ record: Record, rows: VectorRows, position: Int) {
        self.record = record
        self.rows = rows
        self.position = position
    }

    /// About as many bytes as the row has in a request.
    var size: Int {
        let numbers =
            switch rows {
            case .dense(let rows): rows.width
            case .sparse(let rows): rows[position].indices.count * 2
            case .multiVector(let rows): rows.tokens[position].count * rows.dimensions
            }
        return numbers * 12 + record.text.utf8.count + 200
    }
}

/// How vectors are compared in a collection that is made.
package enum StoreDistance: String, Sendable, CaseIterable {
    case cosine, dot, euclid
}

/// What a collection is made with, and how a server is reached.
package struct StoreSettings: Sendable {
    package var address: StoreAddress
    package var kind = VectorKind.dense
    package var distance = StoreDistance.cosine
    /// Whether texts are stored with the vectors.
    package var storesTexts = true
    /// Whether the database keeps one bit of each number in memory, where it can.
    package var quantizesToBits = false
    /// Whether the weights of sparse vectors leave it to the database how rare a dimension is (IDF).
    package var countsRareness = false
    package var environment: @Sendable (String) -> String?
    package var transport: any HTTPTransport
    package var retries = RetryPause()

    package init(
        address: StoreAddress, transport: any HTTPTransport,
        environment: @escaping @Sendable (String) -> String?
    ) {
        self.address = address
        self.transport = transport
        self.environment = environment
    }
}
