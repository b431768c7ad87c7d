package import MartletCompute
internal import MartletSystem

/// Runs a scheduler's batches on the threads of a compute context. Other work of the context takes turns with
/// them between two batches.
package final class SchedulerThreads: Sendable {
    private let scheduler: Scheduler
    private let dispatcher: POSIXThread

    /// Called by a thread after each batch, before anyone gets its results. The time is that of all threads
    /// of a team together.
    package typealias Observer =
        @Sendable (_ texts: Int, _ tokens: Int, _ budget: Int, _ nanoseconds: UInt64) -> Void

    /// - Throws: If the system refuses a thread.
    package init(_ scheduler: Scheduler, on context: ComputeContext, observe: @escaping Observer)
        throws(ThreadError)
    {
        self.scheduler = scheduler
        let pool = context.pool
        let staysOnCores = Self.stayOnCores(threads: pool.width, cores: WorkerPool.affinityCores())
        // A worker of the pool, which waits where the pool's other threads have no work of the scheduler.
        dispatcher = try POSIXThread {
            while scheduler.waitForWork() {
                pool.run(pool.threadCount, lane: .interactive, whenAsked: { scheduler.leave() }) {
                    _, worker in
                    if staysOnCores, let processor = pool.processor(ofThread: worker) {
                        POSIXThread.stay(on: [processor])
                    }
                    scheduler.work(thread: worker, observe)
                }
            }
        }
    }

    /// Whether threads are kept each on a core of its own. Fewer threads than cores, as a container's quota
    /// leaves, are up to the system, which knows the other programs: they would else all crowd on the first
    /// cores.
    package static func stayOnCores(threads: Int, cores: Int) -> Bool { threads > 1 && threads == cores }

    /// Runs what waits, then ends. It blocks.
    package func stop() {
        scheduler.close()
        dispatcher.join()
    }
}

extension Scheduler {
    /// Waits until there are texts to run.
    /// - Returns: False once the scheduler is closed and nothing waits.
    func waitForWork() -> Bool {
        var isCounted = false
        return monitor.waiting { state -> Bool? in
            if !isCounted { state.idleThreads += 1 }
            isCounted = true
            guard !state.queues.isEmpty || state.isClosed else { return nil }
            state.idleThreads -= 1
            state.isLeaving = false
            state.batchesOwed = threads
            return !state.queues.isEmpty
        }
    }

    /// Other work waits for the threads: they leave after the batches that run now.
    func leave() {
        monitor.withLock { $0.isLeaving = true }
        monitor.broadcast()
    }

    /// Runs batches on the calling thread until there are none any more, or other work waits.
    func work(thread: Int, _ observe: SchedulerThreads.Observer) {
        while let assignment = nextAssignment(thread: thread) {
            perform(assignment) { batch, team in
                observe(
                    batch.jobs.count, batch.tokens, batch.model.tokenBudget,
                    batch.computeTime(until: clock.now(), team))
            }
        }
    }
}
