import MartletData

/// The part of a source's records whose indices are in a range; all of them for no range. Indices stay those
/// of the whole source. A position in a part says which records the whole had, so that a part goes on only
/// over these, and parts of other inputs do not merge.
package struct ShardSource<Base: RecordSource>: RecordSource {
    private let base: Base
    private let part: Part?

    struct Part: Sendable {
        /// Indices of records, from 0.
        let range: Range<Int>
        let whole: InputContents
    }

    /// All records.
    package init(_ base: Base) { self.init(base, part: nil) }

    private init(_ base: Base, part: Part?) {
        self.base = base
        self.part = part
    }

    /// The `shard`-th of equal runs of records. Reads the source once to count them.
    nonisolated(nonsending) package static func reading(_ shard: JobHeader.Shard, of base: Base) async throws
        -> ShardSource
    {
        var whole = InputContents()
        for try await batch in base.batches(after: nil) { whole.add(batch) }
        return ShardSource(base, part: Part(range: range(of: shard, among: whole.count), whole: whole))
    }

    /// Consecutive ranges whose lengths differ by one at most.
    package static func range(of shard: JobHeader.Shard, among count: Int) -> Range<Int> {
        let (size, rest) = (count / shard.count, count % shard.count)
        let start = (shard.number - 1) * size + min(shard.number - 1, rest)
        return start..<start + size + (shard.number <= rest ? 1 : 0)
    }

    package struct Batches: AsyncSequence {
        package typealias Element = RecordBatch
        package typealias Failure = any Error
        let base: Base.Batches
        let part: Part?
        let failure: DataError?

        package func makeAsyncIterator() -> Iterator {
            Iterator(base: base.makeAsyncIterator(), part: part, failure: failure)
        }
    }

    package func batches(after checkpoint: Checkpoint?) -> Batches {
        guard let part, let checkpoint else {
            return Batches(base: base.batches(after: checkpoint), part: part, failure: nil)
        }
        var failure: DataError?
        if let before = InputContents(statedIn: checkpoint), before != part.whole {
            failure = DataError(
                .changedInput, at: "the input",
                before.count == part.whole.count
                    ? "has other ids or texts than when this part was begun"
                    : "has \(part.whole.count) records, and had \(before.count) when this part was begun",
                remedies: [.advice("remove the logs of all parts and run them again")])
        }
        return Batches(
            base: base.batches(after: InputContents.whole(of: checkpoint)), part: part, failure: failure)
    }

    package struct Iterator: AsyncIteratorProtocol {
        var base: Base.Batches.AsyncIterator
        let part: Part?
        let failure: DataError?
        private var isOver = false

        init(base: Base.Batches.AsyncIterator, part: Part?, failure: DataError?) {
            (self.base, self.part, self.failure) = (base, part, failure)
        }

        package mutating func next() async throws -> RecordBatch? {
            if let failure { throw failure }
            guard let part else { return try await base.next(isolation: nil) }
            let range = part.range
            while !isOver, var batch = try await base.next(isolation: nil) {
                isOver = batch.end.index >= range.upperBound
                // The last batch comes also without records, for its position.
                guard isOver || batch.end.index > range.lowerBound else { continue }
                batch.records.removeAll { !range.contains($0.index) }
                batch.skipped.removeAll { !range.contains($0.index) }
                batch.end = part.whole.stated(in: batch.end)
                return batch
            }
            return nil
        }
    }
}
