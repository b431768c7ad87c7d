/// A source whose type is known at run time only.
package struct AnyRecordSource: RecordSource {
    /// What ``Checkpoint/source`` begins with; nil: the source cannot be read again.
    package let digest: String?
    /// Bytes of all records; nil: not known.
    package let totalBytes: Int?
    private let open: @Sendable (Checkpoint?) -> Batches

    package init(_ base: some RecordSource, digest: String?, totalBytes: Int? = nil) {
        self.digest = digest
        self.totalBytes = totalBytes
        open = { checkpoint in Batches(base.batches(after: checkpoint)) }
    }

    /// Some of the records of another source.
    package init(_ base: some RecordSource, of whole: AnyRecordSource) {
        self.init(base, digest: whole.digest, totalBytes: whole.totalBytes)
    }

    package func batches(after checkpoint: Checkpoint?) -> Batches { open(checkpoint) }

    package struct Batches: AsyncSequence {
        package typealias Element = RecordBatch
        package typealias Failure = any Error
        private let make: () -> Iterator

        fileprivate init(_ base: some AsyncSequence<RecordBatch, any Error>) {
            make = {
                var iterator = base.makeAsyncIterator()
                return Iterator { try await iterator.next(isolation: nil) }
            }
        }

        package func makeAsyncIterator() -> Iterator { make() }
    }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let advance: () async throws -> RecordBatch?

        package func next() async throws -> RecordBatch? { try await advance() }
    }
}
