import MartletSystem

/// Runs an async function to its end on the calling thread, which waits where the function does. Neither
/// Swift's pool of threads nor Dispatch takes part, so that it works in a child of fork(), too.
final class CallingThread: TaskExecutor {
    private let jobs = Monitor<(waiting: [UnownedJob], isOver: Bool)>(([], false))

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.waiting.append(job) }
        jobs.signal()
    }

    /// What `body` returns or throws.
    static func run<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
        let thread = CallingThread()
        let outcome = Locked<Result<Value, any Error>?>(nil)
        Task(executorPreference: thread) {
            let result: Result<Value, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            outcome.withLock { $0 = result }
            thread.jobs.withLock { $0.isOver = true }
            thread.jobs.signal()
        }
        thread.runJobs()
        guard let result = outcome.withLock({ $0 }) else {
            throw CallError(.io, "unknown", "the call ended without a result")
        }
        return try result.get()
    }

    private func runJobs() {
        while true {
            let job: UnownedJob? = jobs.waiting { state in
                if !state.waiting.isEmpty { return .some(state.waiting.removeFirst()) }
                return state.isOver ? .some(nil) : nil
            }
            guard let job else { return }
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}
