#if Server

internal import Martlet
internal import MartletSystem
internal import MartletCompute

/// A thread for what is too long for a task and is no forward pass: parsing a large body, cutting it into
/// tokens, writing out a large response. Swift's cooperative pool has a thread for each core, and small
/// requests need them.
final class Offload: Sendable {
    private struct State {
        var work = FIFO<@Sendable () -> Void>()
        var isClosed = false
    }

    private let monitor = Monitor(State())
    /// More bytes of a body, or of a response, than this go to the thread: a few hundred microseconds.
    static let threshold = 64 << 10

    init() throws(ThreadError) {
        let monitor = monitor
        try POSIXThread {
            while let work = monitor.waiting({ state -> (@Sendable () -> Void)?? in
                if let work = state.work.popFirst() { return .some(work) }
                return state.isClosed ? .some(nil) : nil
            }) {
                work()
            }
        }.detach()
    }

    deinit { close() }

    func close() {
        monitor.withLock { $0.isClosed = true }
        monitor.broadcast()
    }

    /// Calls `work` here, or on the thread if it is about many bytes.
    func run<Value: Sendable>(bytes: Int, _ work: @escaping @Sendable () throws(ServiceError) -> Value)
        async throws -> Value
    {
        guard bytes > Self.threshold else { return try work() }
        return try await withCheckedThrowingContinuation { continuation in
            let isOpen = monitor.withLock { state in
                if state.isClosed { return false }
                state.work.append {
                    do throws(ServiceError) {
                        continuation.resume(returning: try work())
                    } catch {
                        continuation.resume(throwing: error)
                    }
                }
                return true
            }
            if isOpen {
                monitor.signal()
            } else {
                continuation.resume(throwing: ServiceError(.unavailable, "the server is stopping"))
            }
        }
    }
}

#endif
