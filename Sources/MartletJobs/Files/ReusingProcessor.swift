import MartletData
import Synchronization

/// Takes vectors of unchanged texts from an earlier run, and embeds the others.
package struct ReusingProcessor: TextProcessor {
    private let base: any TextProcessor<VectorRows>
    private let earlier: EarlierRows
    private let counter = Counter()

    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }

    package init(_ base: any TextProcessor<VectorRows>, reusing earlier: EarlierRows) {
        self.base = base
        self.earlier = earlier
    }

    /// Texts that were not embedded again.
    package var reused: Int { counter.value.load(ordering: .relaxed) }

    package func count(ofFirst records: ArraySlice<Record>) -> Int { base.count(ofFirst: records) }
    package var batchesAtOnce: Int { base.batchesAtOnce }

    package func process(_ texts: [String]) async throws -> Processed<VectorRows> {
        let found = try texts.map { text throws(DataError) in try earlier.row(for: text) }
        let missing = found.indices.filter { found[$0] == nil }
        var embedded: Processed<VectorRows>?
        if !missing.isEmpty {
            do {
                embedded = try await base.process(missing.map { texts[$0] })
            } catch let error as TextError where missing.indices.contains(error.index) {
                throw TextError(index: missing[error.index], message: error.message)
            }
        }
        counter.value.add(texts.count - missing.count, ordering: .relaxed)
        var next = 0
        let rows = found.map { row -> (list: VectorRows, position: Int) in
            if let row { return (row.rows, row.position) }
            defer { next += 1 }
            return (embedded?.output ?? .sparse([]), next)
        }
        guard let output = VectorRows.gather(rows) else {
            throw DataError(
                .malformed, at: "the rows of the earlier run", "have another shape than those of this one")
        }
        let cut = Set(embedded?.truncated.map { missing[$0] } ?? [])
        return Processed(
            output, tokens: embedded?.tokens ?? 0,
            truncated: texts.indices.filter { found[$0]?.isTruncated ?? cut.contains($0) },
            blank: embedded?.blank ?? 0)
    }
}
