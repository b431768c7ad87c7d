import MartletData

/// What was read of a query so far, to tell at its next run whether its first rows are the same: then, and
/// only then, the rows after them are those that were not read.
///
/// The database is asked for nothing but the query itself, so every order is as good as another, and no
/// comparison of the database has to be the one here.
struct ReadRows {
    private(set) var count = 0
    private(set) var order = KeyOrder()
    private var ids = ChainedDigest()
    /// Of ids and texts.
    private var texts = ChainedDigest()

    mutating func add(_ row: DatabaseRow) {
        count += 1
        order.add(row.key)
        ids.add(row.id)
        texts.add(row.id)
        texts.add(row.text)
    }

    /// Both digests, as a position keeps them.
    var state: String { "\(ids) \(texts)" }

    /// Whether these are the rows of a position. Ids that ascend are each there once, and say which rows they
    /// are, also if their texts were changed since; else the texts have to be the same.
    func areThose(of state: String) -> Bool {
        let before = state.split(separator: " ").map { ChainedDigest($0) }
        guard before.count == 2 else { return false }
        return before[1] == texts || order.isAscending && before[0] == ids
    }
}
