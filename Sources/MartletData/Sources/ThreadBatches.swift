internal import MartletCompute
internal import MartletSystem

/// Batches that a thread reads ahead of the consumer, two at most: for readers that block.
package struct ThreadBatches: AsyncSequence, Sendable {
    package typealias Element = RecordBatch
    package typealias Failure = any Error
    /// Gives one batch after the other, and nil after the last.
    package typealias Next = () throws(DataError) -> RecordBatch?

    private let name: String
    private let open: @Sendable () throws(DataError) -> Next

    /// - Parameters:
    ///   - name: What messages call the input.
    ///   - open: Called on the thread, before the first batch.
    package init(name: String, open: @escaping @Sendable () throws(DataError) -> Next) {
        self.name = name
        self.open = open
    }

    package func makeAsyncIterator() -> Iterator { Iterator(name, open) }

    package final class Iterator: AsyncIteratorProtocol {
        private let queue = ReadAhead<RecordBatch>(capacity: 2)
        private var start: (() -> Void)?

        fileprivate init(_ name: String, _ open: @escaping @Sendable () throws(DataError) -> Next) {
            let queue = queue
            start = {
                do throws(ThreadError) {
                    try POSIXThread {
                        do throws(DataError) {
                            let next = try open()
                            while let batch = try next(), queue.push(batch) {}
                            queue.close()
                        } catch {
                            queue.close(throwing: error)
                        }
                    }.detach()
                } catch {
                    queue.close(
                        throwing: DataError(
                            .io, at: name, "cannot start a thread: \(FileError.text(error.code))"))
                }
            }
        }

        deinit { queue.cancel() }

        package func next() async throws -> RecordBatch? {
            start?()
            start = nil
            return try await queue.next()
        }
    }
}
