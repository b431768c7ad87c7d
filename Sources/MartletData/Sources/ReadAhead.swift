import Dispatch
import Synchronization

/// Hands values from a thread that may block to a task, and holds at most `capacity` of them: a fast producer
/// waits for a slow consumer.
final class ReadAhead<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var failure: (any Error)?
        var isClosed = false
        var isCancelled = false
        var consumer: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    private let room = DispatchSemaphore(value: 0)

    // Counted up, not begun with: Dispatch ends a process whose semaphore goes with less than it began with.
    init(capacity: Int) { for _ in 0..<capacity { room.signal() } }

    /// Waits for room; false if the consumer has gone. Blocks its thread.
    func push(_ element: Element) -> Bool {
        room.wait()
        let (isOpen, consumer) = state.withLock { state -> (Bool, CheckedContinuation<Void, Never>?) in
            guard !state.isCancelled else { return (false, nil) }
            state.elements.append(element)
            defer { state.consumer = nil }
            return (true, state.consumer)
        }
        consumer?.resume()
        return isOpen
    }

    /// The producer is done; what it has pushed is still handed over, then the error, if there is one.
    func close(throwing failure: (any Error)? = nil) {
        state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.isClosed = true
            state.failure = failure
            defer { state.consumer = nil }
            return state.consumer
        }?.resume()
    }

    /// The consumer is done: `push` returns false from now on.
    func cancel() {
        let consumer = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.isCancelled = true
            state.elements.removeAll()
            defer { state.consumer = nil }
            return state.consumer
        }
        consumer?.resume()
        room.signal()
    }

    /// The next value; nil at the end. Throws the producer's error once, and `CancellationError` when the
    /// task is cancelled.
    func next() async throws -> Element? {
        while true {
            let (element, isDone) = try state.withLock { state throws -> (Element?, Bool) in
                if state.isCancelled { throw CancellationError() }
                if !state.elements.isEmpty { return (state.elements.removeFirst(), false) }
                guard state.isClosed else { return (nil, false) }
                if let failure = state.failure {
                    state.failure = nil
                    throw failure
                }
                return (nil, true)
            }
            if let element {
                room.signal()
                return element
            }
            if isDone { return nil }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let isReady = state.withLock { state in
                        if !state.elements.isEmpty || state.isClosed || state.isCancelled { return true }
                        state.consumer = continuation
                        return false
                    }
                    if isReady { continuation.resume() }
                }
            } onCancel: {
                cancel()
            }
        }
    }
}
