import MartletData

/// What is read of a database, and how.
package struct DatabaseQuery: Sendable {
    /// A SELECT.
    package var statement: String
    /// The column that holds the text; nil: see `QueryFields`.
    package var text: String?
    /// The column that holds the id; nil: see `QueryFields`.
    package var id: String?
    /// Values of the parameters in the statement, the first of `?1` in SQLite and of `$1` in PostgreSQL.
    package var parameters: [String] = []
    package var badRecords = BadRecordPolicy.stop
    package var batchSize = BatchSize()

    package init(_ statement: String, text: String? = nil, id: String? = nil) {
        self.statement = statement
        self.text = text
        self.id = id
    }

    /// Differs when the query or a parameter does, or the database that it is asked of.
    func digest(of address: String) -> String {
        QueryDigest.of([address, statement, text ?? "", id ?? ""] + parameters)
    }
}
