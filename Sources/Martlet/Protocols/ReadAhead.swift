import Synchronization

/// Reads a sequence of texts in chunks on a task of its own, one chunk ahead of the consumer, so that reading
/// and computing overlap.
///
/// Nothing is read before the first chunk is asked for. The task ends when the last reference goes.
final class ReadAhead<Texts: AsyncSequence & Sendable>: Sendable where Texts.Element == String {
    /// Consecutive texts, and what the sequence threw after them.
    struct Chunk: Sendable {
        var texts: [String] = []
        var failure: (any Error)?
    }

    private let exchange = Exchange()
    private let task = Mutex<Task<Void, Never>?>(nil)

    deinit {
        task.withLock { $0?.cancel() }
        exchange.stop()
    }

    /// The next chunk; an empty one at the end.
    func next(of texts: Texts, size: Int) async -> Chunk {
        start(texts, size: size)
        return await exchange.next()
    }

    private func start(_ texts: Texts, size: Int) {
        task.withLock { task in
            if task != nil { return }
            // Not `self`: a task that waits for a consumer would keep alive what ends it.
            task = Task { [exchange] in
                var iterator = texts.makeAsyncIterator()
                var isOver = false
                while !isOver, !Task.isCancelled {
                    var chunk = Chunk()
                    do {
                        while chunk.texts.count < size, let text = try await iterator.next() {
                            chunk.texts.append(text)
                        }
                        isOver = chunk.texts.count < size
                    } catch {
                        (chunk.failure, isOver) = (error, true)
                    }
                    guard await exchange.hand(chunk) else { return }
                }
                exchange.stop()
            }
        }
    }

    /// Where the task and the consumer meet: one chunk that is ready, or one side that waits for the other.
    private final class Exchange: Sendable {
        private struct State {
            var ready: Chunk?
            var reader: CheckedContinuation<Void, Never>?
            var consumer: CheckedContinuation<Chunk, Never>?
            var isStopped = false
        }

        private let state = Mutex(State())

        /// The chunk that is ready or comes next; an empty one once all are taken or the task is cancelled.
        func next() async -> Chunk {
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let (chunk, reader) = state.withLock {
                        state -> (Chunk?, CheckedContinuation<Void, Never>?) in
                        if state.isStopped { return (Chunk(), nil) }
                        guard let ready = state.ready else {
                            state.consumer = continuation
                            return (nil, nil)
                        }
                        state.ready = nil
                        defer { state.reader = nil }
                        return (ready, state.reader)
                    }
                    reader?.resume()
                    if let chunk { continuation.resume(returning: chunk) }
                }
            } onCancel: {
                stop()
            }
        }

        /// Waits until the chunk is taken.
        /// - Returns: Whether the consumer may want another one.
        func hand(_ chunk: Chunk) async -> Bool {
            let consumer = state.withLock { state -> CheckedContinuation<Chunk, Never>? in
                defer { state.consumer = nil }
                if state.consumer == nil { state.ready = chunk }
                return state.consumer
            }
            if let consumer {
                consumer.resume(returning: chunk)
                return true
            }
            await withCheckedContinuation { continuation in
                let isTaken = state.withLock { state in
                    if state.ready == nil || state.isStopped { return true }
                    state.reader = continuation
                    return false
                }
                if isTaken { continuation.resume() }
            }
            return state.withLock { !$0.isStopped }
        }

        /// Ends both sides: the consumer gets an empty chunk.
        func stop() {
            let (reader, consumer) = state.withLock { state in
                defer { (state.reader, state.consumer) = (nil, nil) }
                state.isStopped = true
                return (state.reader, state.consumer)
            }
            reader?.resume()
            consumer?.resume(returning: Chunk())
        }
    }
}
