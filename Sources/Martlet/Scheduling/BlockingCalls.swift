internal import MartletCompute
internal import MartletSystem

/// Threads for calls that block, so that neither Swift's cooperative pool nor Dispatch ever runs or waits for
/// a forward pass.
///
/// A thread is made when a call finds none free, up to a limit; more calls wait in line.
package final class BlockingCalls: Sendable {
    private struct State {
        var waiting: [@Sendable () -> Void] = []
        var idle = 0
        var threads = 0
        var isClosed = false
    }

    private let monitor = Monitor(State())
    private let limit: Int

    /// The threads that all models of the process share.
    package static let shared = BlockingCalls(limit: 8)

    init(limit: Int) { self.limit = limit }

    deinit {
        monitor.withLock { $0.isClosed = true }
        monitor.broadcast()
    }

    /// What `body` returns or throws, run on one of the threads.
    /// - Throws: `CancellationError` if the task was cancelled before the call began.
    package func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try Task.checkCancellation()
        return try await withCheckedThrowingContinuation { continuation in
            submit { continuation.resume(with: Result { try body() }) }
        }
    }

    private func submit(_ work: @escaping @Sendable () -> Void) {
        let needsThread = monitor.withLock { state in
            state.waiting.append(work)
            guard state.waiting.count > state.idle, state.threads < limit else { return false }
            state.threads += 1
            return true
        }
        monitor.signal()
        guard needsThread else { return }
        let monitor = monitor
        do throws(ThreadError) {
            try POSIXThread { Self.serve(monitor) }.detach()
        } catch {
            // Without a thread of its own a call waits for another's; without any, it runs here.
            let mine = monitor.withLock { state in
                state.threads -= 1
                return state.threads == 0 && !state.waiting.isEmpty ? state.waiting.removeFirst() : nil
            }
            mine?()
        }
    }

    private static func serve(_ monitor: Monitor<State>) {
        var isIdle = false
        while true {
            let work: (@Sendable () -> Void)? = monitor.waiting { state in
                if isIdle { state.idle -= 1 }
                isIdle = false
                if !state.waiting.isEmpty { return .some(state.waiting.removeFirst()) }
                if state.isClosed { return .some(nil) }
                state.idle += 1
                isIdle = true
                return nil
            }
            guard let work else { return }
            work()
        }
    }
}
