/// A row of the log, with its words counted: the log is short, so its rows are searched one by one.
final class RecentRow: Sendable {
    let row: StoredRow
    /// How often each term is in the text.
    let counts: [[UInt8]: UInt32]
    /// The number of words.
    let length: Int

    init(_ row: StoredRow, language: WordLanguage) {
        self.row = row
        var counts: [[UInt8]: UInt32] = [:]
        let terms = WordAnalyzer.terms(of: String(decoding: row.text, as: UTF8.self), language: language)
        for term in terms { counts[term, default: 0] += 1 }
        self.counts = counts
        length = min(65535, terms.count)
    }

    func vector(_ settings: CollectionSettings) -> [Float] {
        [Float](unsafeUninitializedCapacity: settings.dimensions) { out, count in
            row.vector.withUnsafeBytes { bytes in
                guard let source = bytes.baseAddress, let base = out.baseAddress else { return }
                settings.store.decode(source, scale: row.scale, into: base, dimensions: settings.dimensions)
            }
            count = settings.dimensions
        }
    }

    func record(_ settings: CollectionSettings) throws(IndexError) -> Record {
        Record(
            id: String(decoding: row.id, as: UTF8.self), text: String(decoding: row.text, as: UTF8.self),
            vector: vector(settings),
            fields: row.fields)
    }
}
