import Synchronization

/// Runs a sink in a task of its own, so that writing goes on beside computing. Two batches wait at most.
package final class SinkWriter: Sendable {
    private struct Item: Sendable {
        let batch: RowBatch
        let checkpoint: Checkpoint?
    }

    private struct State {
        var items: [Item] = []
        var isClosed = false
        var isDone = false
        /// The writing task, waiting for work, and the caller, waiting for room.
        var consumer: CheckedContinuation<Void, Never>?
        var producer: CheckedContinuation<Void, Never>?
        var progress = Progress()

        mutating func wakeAll() -> [CheckedContinuation<Void, Never>] {
            defer { (consumer, producer) = (nil, nil) }
            return [consumer, producer].compactMap { $0 }
        }
    }

    private static let capacity = 2
    private let state = Mutex(State())
    private let task = Mutex<Task<Void, any Error>?>(nil)

    /// - Parameter sink: A sink whose `begin` was called. `finish` is called on it whatever happens.
    package init(_ sink: sending any RecordSink) {
        let box = Mutex<(any RecordSink)?>(sink)
        let running = Task(executorPreference: BlockingExecutor()) { [self] in
            guard var sink = box.withLock({ sink in sink.take() }) else { return }
            do {
                while let item = await next() {
                    try await sink.write(item.batch)
                    if let checkpoint = item.checkpoint { try await sink.commit(checkpoint) }
                    state.withLock {
                        $0.progress.rows += item.batch.records.count
                        $0.progress.lastPlace = item.batch.records.last?.place ?? $0.progress.lastPlace
                    }
                }
            } catch {
                end()
                try? await sink.finish()
                throw error
            }
            end()
            try await sink.finish()
        }
        task.withLock { $0 = running }
    }

    /// What the sink has taken.
    package struct Progress: Sendable {
        package var rows = 0
        /// The place of the last record.
        package var lastPlace: String?
    }

    package var progress: Progress { state.withLock { $0.progress } }

    /// Hands rows over and waits for room for the next. Throws what the sink threw before.
    package func write(_ batch: RowBatch, committing checkpoint: Checkpoint?) async throws {
        let (isDone, woken) = state.withLock { state -> (Bool, [CheckedContinuation<Void, Never>]) in
            guard !state.isDone, !state.isClosed else { return (true, []) }
            state.items.append(Item(batch: batch, checkpoint: checkpoint))
            return (false, state.wakeAll())
        }
        for continuation in woken { continuation.resume() }
        if isDone { return try await finish() }
        await withCheckedContinuation { continuation in
            let hasRoom = state.withLock { state in
                if state.items.count < Self.capacity || state.isDone { return true }
                state.producer = continuation
                return false
            }
            if hasRoom { continuation.resume() }
        }
    }

    /// Waits until everything is written and the sink is finished. Throws what the sink threw.
    package func finish() async throws {
        close(dropping: false)
        try await task.withLock { $0 }?.value
    }

    /// As `finish`, but what waits is dropped: rows that the sink has begun to take are its last.
    package func interrupt() async throws {
        close(dropping: true)
        try await task.withLock { $0 }?.value
    }

    private func close(dropping: Bool) {
        let woken = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.isClosed = true
            if dropping { state.items.removeAll() }
            return state.wakeAll()
        }
        for continuation in woken { continuation.resume() }
    }

    private func end() {
        let woken = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.isDone = true
            state.items.removeAll()
            return state.wakeAll()
        }
        for continuation in woken { continuation.resume() }
    }

    private func next() async -> Item? {
        while true {
            let (item, isOver, producer) = state.withLock {
                state -> (Item?, Bool, CheckedContinuation<Void, Never>?) in
                guard !state.items.isEmpty else { return (nil, state.isClosed, nil) }
                defer { state.producer = nil }
                return (state.items.removeFirst(), false, state.producer)
            }
            producer?.resume()
            if let item { return item }
            if isOver { return nil }
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if !state.items.isEmpty || state.isClosed { return true }
                    state.consumer = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        }
    }
}
