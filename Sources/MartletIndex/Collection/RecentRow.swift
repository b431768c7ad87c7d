/// A row of the log, with its words counted: the log is short, so its rows are searched one by one.
final class RecentRow: Sendable {
    let row: StoredRow
    /// How often each term is in the text, or what a model gave it.
    let counts: [[UInt8]: UInt32]
    /// The number of words.
    let length: Int

    init(_ row: StoredRow, settings: CollectionSettings) {
        self.row = row
        var counts: [[UInt8]: UInt32] = [:]
        if settings.sparse == nil {
            let text = String(decoding: row.text, as: UTF8.self)
            for term in WordAnalyzer.terms(of: text, language: settings.language) {
                counts[term, default: 0] += 1
            }
        } else {
            for (index, impact) in zip(row.impacts.indices, row.impacts.impacts) {
                counts[Impacts.term(index)] = UInt32(impact)
            }
        }
        self.counts = counts
        length = min(65535, counts.values.reduce(0) { $0 + Int($1) })
    }

    func vector(_ settings: CollectionSettings) -> [Float] {
        settings.store.decoded(row.vector, scale: row.scale, dimensions: settings.dimensions)
    }

    func record(_ settings: CollectionSettings) throws(IndexError) -> Record {
        Record(
            id: String(decoding: row.id, as: UTF8.self), text: String(decoding: row.text, as: UTF8.self),
            vector: vector(settings),
            fields: row.fields)
    }
}
