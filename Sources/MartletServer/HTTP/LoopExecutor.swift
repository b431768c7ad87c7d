#if Server

internal import NIOCore
internal import NIOPosix

/// Runs tasks on the threads that read and write the connections.
///
/// A request is a few short steps between reading and writing, and each time that it goes from one thread to
/// another costs as much as all of them: the wake-up of a core. On Swift's cooperative pool it goes there
/// after reading and comes back for writing.
final class LoopExecutor: TaskExecutor {
    let loops: MultiThreadedEventLoopGroup

    /// - Parameter threads: One serves thousands of requests a second: the cores are for forward passes.
    init(threads: Int) { loops = MultiThreadedEventLoopGroup(numberOfThreads: max(1, threads)) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // The calling thread's own loop if it has one.
        loops.any().execute { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}

#endif
