internal import MartletCompute
internal import MartletSystem

/// A thread of our own that runs an actor's jobs one after the other, so that a forward pass never blocks Swift's
/// cooperative pool.
final class ComputeThread: SerialExecutor, Sendable {
    private let queue = JobQueue()

    init() {
        let queue = queue
        // Detached, not joined: the last reference to an actor may go in one of its own jobs.
        do throws(ThreadError) { try POSIXThread { queue.serve() }.detach() } catch { queue.stop() }
    }

    deinit { queue.stop() }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedSerialExecutor()
        // Without a thread (the system refused one) the job runs on the caller's; the engine's own lock keeps calls apart.
        if !queue.append((job, executor)) { job.runSynchronously(on: executor) }
    }
}

/// Jobs that wait for the thread. `@unchecked` because the condition and its mutex guard all of it.
private final class JobQueue: @unchecked Sendable {
    typealias Entry = (job: UnownedJob, executor: UnownedSerialExecutor)

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let arrived = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var entries: [Entry] = []
    private var stopped = false

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(arrived, nil)
    }

    deinit {
        pthread_cond_destroy(arrived)
        pthread_mutex_destroy(mutex)
        arrived.deallocate()
        mutex.deallocate()
    }

    /// False once the queue has stopped.
    func append(_ entry: Entry) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if stopped { return false }
        entries.append(entry)
        pthread_cond_signal(arrived)
        return true
    }

    func stop() {
        pthread_mutex_lock(mutex)
        stopped = true
        pthread_cond_signal(arrived)
        pthread_mutex_unlock(mutex)
    }

    func serve() {
        while true {
            pthread_mutex_lock(mutex)
            while entries.isEmpty, !stopped { pthread_cond_wait(arrived, mutex) }
            let batch = entries
            entries.removeAll(keepingCapacity: true)
            pthread_mutex_unlock(mutex)
            if batch.isEmpty { return }
            for entry in batch { entry.job.runSynchronously(on: entry.executor) }
        }
    }
}
