import MartletData

extension DestinationMark {
    /// The table that has a mark for each table of vectors.
    static let table = "martlet_tables"
}
