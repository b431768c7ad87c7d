import MartletData

/// What went wrong with a statement.
struct PostgresError: Error {
    /// SQLSTATE of a row whose key is in the table already.
    /// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
    static let uniqueViolation = "23505"

    /// SQLSTATE; nil: the server gave none, as when the connection broke.
    let state: String?
    /// The same with its place and words.
    let dataError: DataError
}
