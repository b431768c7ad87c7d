import MartletData

/// The records of a source whose texts a destination does not have.
package struct ChangedRecords<Base: RecordSource>: RecordSource {
    private let base: Base
    private let journal: ChangeJournal

    package init(_ base: Base, since journal: ChangeJournal) {
        self.base = base
        self.journal = journal
    }

    package struct Batches: AsyncSequence {
        package typealias Element = RecordBatch
        package typealias Failure = any Error
        let base: Base.Batches
        let journal: ChangeJournal

        package func makeAsyncIterator() -> Iterator {
            Iterator(base: base.makeAsyncIterator(), journal: journal)
        }
    }

    package func batches(after checkpoint: Checkpoint?) -> Batches {
        Batches(base: base.batches(after: checkpoint), journal: journal)
    }

    package struct Iterator: AsyncIteratorProtocol {
        var base: Base.Batches.AsyncIterator
        let journal: ChangeJournal

        package mutating func next() async throws -> RecordBatch? {
            var unchanged = 0
            var last: RecordBatch?
            while var batch = try await base.next(isolation: nil) {
                journal.note(unread: batch.skipped.count)
                let count = batch.records.count
                batch.records = try batch.records.filter { record throws(DataError) in
                    try !journal.isUnchanged(record)
                }
                unchanged += count - batch.records.count
                batch.unchanged = unchanged
                if !batch.records.isEmpty || !batch.skipped.isEmpty { return batch }
                last = batch
            }
            // Those after the last change count, too.
            return last
        }
    }
}
