import Dispatch
internal import MartletCompute
import Synchronization

/// A thread that runs a task which may block in the kernel, so that it never holds one of Swift's cooperative
/// threads.
final class BlockingExecutor: TaskExecutor {
    private let jobs: Jobs

    init() {
        let jobs = Jobs()
        self.jobs = jobs
        do throws(ThreadError) { try POSIXThread { jobs.serve() }.detach() } catch { jobs.stop() }
    }

    deinit { jobs.stop() }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // Without a thread (the system refused one) the job runs on the caller's.
        if !jobs.append(job, asUnownedTaskExecutor()) { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    private final class Jobs: Sendable {
        private struct State {
            var waiting: [(UnownedJob, UnownedTaskExecutor)] = []
            var isStopped = false
        }

        private let state = Mutex(State())
        private let arrived = DispatchSemaphore(value: 0)

        func append(_ job: UnownedJob, _ executor: UnownedTaskExecutor) -> Bool {
            let isRunning = state.withLock { state in
                if !state.isStopped { state.waiting.append((job, executor)) }
                return !state.isStopped
            }
            arrived.signal()
            return isRunning
        }

        func stop() {
            state.withLock { $0.isStopped = true }
            arrived.signal()
        }

        func serve() {
            while true {
                arrived.wait()
                let (jobs, isStopped) = state.withLock { state in
                    defer { state.waiting.removeAll() }
                    return (state.waiting, state.isStopped)
                }
                for (job, executor) in jobs { job.runSynchronously(on: executor) }
                if isStopped { return }
            }
        }
    }
}
