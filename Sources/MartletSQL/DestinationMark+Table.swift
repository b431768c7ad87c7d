import MartletData

extension DestinationMark {
    /// The table that has a mark for each table of vectors.
    static let table = "martlet_tables"

    /// The place to go on from, for a job over that source, in a table that still has its rows.
    /// - Parameter count: Rows that the table has.
    func checkpoint(of source: String, inTableOf count: Int, at place: String) throws(DataError)
        -> Checkpoint?
    {
        guard let checkpoint = checkpoint(of: source) else { return nil }
        guard let rows, count < rows else { return checkpoint }
        // Somebody has emptied it, so all rows are to come again.
        guard count > 0 else { return nil }
        throw DataError(
            .changedInput, at: place,
            "has \(count) of the \(rows) rows that were there when the job was interrupted: rows were removed",
            remedies: [.advice("empty the table to begin again"), .advice("name another table")])
    }
}
