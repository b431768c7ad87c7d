import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A thread of our own that runs an actor's jobs one after the other, so that a forward pass never blocks Swift's
/// cooperative pool.
///
/// Sendable because its queue is guarded by the lock.
final class ComputeThread: SerialExecutor, @unchecked Sendable {
    private let queue = JobQueue()

    init() {
        let queue = Unmanaged.passRetained(queue)
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        if pthread_create(&thread, nil, serve, queue.toOpaque()) == 0 {
            #if canImport(Darwin)
                if let thread { pthread_detach(thread) }
            #else
                pthread_detach(thread)
            #endif
        } else {
            queue.release()
            self.queue.stop()
        }
    }

    deinit { queue.stop() }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedSerialExecutor()
        // Without a thread (the system refused one) the job runs on the caller's.
        if !queue.append((job, executor)) { job.runSynchronously(on: executor) }
    }
}

#if canImport(Darwin)
    private func serve(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        Unmanaged<JobQueue>.fromOpaque(argument).takeRetainedValue().serve()
        return nil
    }
#else
    private func serve(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        if let argument { Unmanaged<JobQueue>.fromOpaque(argument).takeRetainedValue().serve() }
        return nil
    }
#endif

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
