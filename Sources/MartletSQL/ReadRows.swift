import MartletData

/// What was read of a query so far, to tell at its next run whether its first rows are the same: then, and
/// only then, the rows after them are those that were not read.
///
/// Any order of the query will do, as the database compares nothing for this.
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
    /// are, also if their texts were changed since; else the texts have to be the same. Of a position that an
    /// earlier version wrote the last key alone is known, which is enough where ids ascend.
    func areThose(of state: Substring, endingAt key: String?) -> Bool {
        guard let known = Self.digests(state) else {
            return order.isAscending && key != nil && order.last?.text == key
        }
        return known.texts == texts || order.isAscending && known.ids == ids
    }

    /// Of the state of a position; nil: an earlier version wrote it.
    static func digests(_ state: Substring) -> (ids: ChainedDigest, texts: ChainedDigest)? {
        let digests = state.split(separator: " ").map { ChainedDigest($0) }
        guard digests.count == 2, let ids = digests[0], let texts = digests[1] else { return nil }
        return (ids, texts)
    }
}
