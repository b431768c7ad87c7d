import MartletData

/// The part of a source's records whose indices are in a range; all of them for no range. Indices stay those
/// of the whole source.
package struct ShardSource<Base: RecordSource>: RecordSource {
    private let base: Base
    private let range: Range<Int>?

    /// - Parameter range: Indices of records, from 0.
    package init(_ base: Base, range: Range<Int>? = nil) {
        self.base = base
        self.range = range
    }

    /// The `shard`-th of equal runs of records. Reads the source once to count them.
    nonisolated(nonsending) package static func reading(_ shard: JobHeader.Shard, of base: Base) async throws
        -> ShardSource
    {
        var count = 0
        for try await batch in base.batches(after: nil) { count = batch.end.index }
        return ShardSource(base, range: range(of: shard, among: count))
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
        let range: Range<Int>?

        package func makeAsyncIterator() -> Iterator {
            Iterator(base: base.makeAsyncIterator(), range: range)
        }
    }

    package func batches(after checkpoint: Checkpoint?) -> Batches {
        Batches(base: base.batches(after: checkpoint), range: range)
    }

    package struct Iterator: AsyncIteratorProtocol {
        var base: Base.Batches.AsyncIterator
        let range: Range<Int>?
        private var isOver = false

        init(base: Base.Batches.AsyncIterator, range: Range<Int>?) {
            self.base = base
            self.range = range
        }

        package mutating func next() async throws -> RecordBatch? {
            guard let range else { return try await base.next(isolation: nil) }
            while !isOver, var batch = try await base.next(isolation: nil) {
                isOver = batch.end.index >= range.upperBound
                guard batch.end.index > range.lowerBound else { continue }
                batch.records.removeAll { !range.contains($0.index) }
                batch.skipped.removeAll { !range.contains($0.index) }
                return batch
            }
            return nil
        }
    }
}
