/// A place for rows that keeps the position in the source with them, such as a table of a database.
package protocol Destination: Sendable {
    /// How messages name it, without secrets.
    var name: String { get }
    func open() throws(DataError) -> any RecordSink
    /// What it knows the record's row by: of two records with one key the later row stays. Places that store
    /// texts alone take 1 and "1" for one id.
    func key(of record: Record) -> RecordID
    /// Whether there is a table or a collection under the name.
    nonisolated(nonsending) func exists() async throws -> Bool
    /// Removes the rows with these ids, if there are any.
    nonisolated(nonsending) func remove(_ ids: [RecordID]) async throws
    /// The source was read to its end: makes what was asked for, and forgets the position, so that a later
    /// run begins at the beginning.
    nonisolated(nonsending) func complete() async throws
}
