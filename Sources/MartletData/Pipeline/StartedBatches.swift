/// Batches of a source, each with its first call under way while those before it are still computed.
struct StartedBatches<Output: Sendable>: Sendable {
    /// A batch, and what the call with its first records gives.
    struct Started: Sendable {
        let batch: RecordBatch
        let call: Call?
    }

    /// A call that was made ahead.
    struct Call: Sendable {
        /// Records that went into it.
        let count: Int
        fileprivate let result: AsyncThrowingStream<Processed<Output>, any Error>

        func value() async throws -> Processed<Output> {
            for try await value in result { return value }
            throw CancellationError()
        }
    }

    private let started: AsyncThrowingStream<Started, any Error>
    private let permits: AsyncStream<Void>.Continuation
    private let producer: Task<Void, Never>

    /// - Parameter count: Batches that are under way at a time, the one that is waited for among them.
    init<Source: RecordSource>(
        _ source: Source, after checkpoint: Checkpoint?, _ processor: any TextProcessor<Output>, count: Int
    ) {
        let (allowed, permits) = AsyncStream.makeStream(of: Void.self)
        let (started, start) = AsyncThrowingStream.makeStream(of: Started.self)
        (self.started, self.permits) = (started, permits)
        for _ in 0..<count { permits.yield() }
        producer = Task {
            await withDiscardingTaskGroup { group in
                do {
                    var batches = source.batches(after: checkpoint).makeAsyncIterator()
                    for await _ in allowed {
                        guard let batch = try await batches.next() else { break }
                        let call = Self.call(processor, batch.records[...], in: &group)
                        start.yield(Started(batch: batch, call: call))
                    }
                    start.finish()
                } catch {
                    // It comes after the batches before it, whose calls go on.
                    start.finish(throwing: error)
                }
            }
        }
    }

    private static func call(
        _ processor: any TextProcessor<Output>, _ records: ArraySlice<Record>,
        in group: inout DiscardingTaskGroup
    ) -> Call? {
        guard !records.isEmpty else { return nil }
        let texts = records.prefix(processor.count(ofFirst: records)).map(\.text)
        let (result, give) = AsyncThrowingStream.makeStream(of: Processed<Output>.self)
        group.addTask {
            do {
                give.yield(try await processor.process(texts))
                give.finish()
            } catch {
                give.finish(throwing: error)
            }
        }
        return Call(count: texts.count, result: result)
    }

    /// Calls `body` with each batch, and lets another one start when it returns. What is under way when it
    /// throws is cancelled.
    /// - Throws: What `body` throws; the source's error, after all batches before it.
    nonisolated(nonsending) func forEach(
        _ body: nonisolated(nonsending) (Started) async throws -> Void
    ) async throws {
        defer {
            permits.finish()
            producer.cancel()
        }
        for try await next in started {
            try await body(next)
            permits.yield()
        }
        // A cancelled task sees the end of the sequence.
        try Task.checkCancellation()
    }
}
