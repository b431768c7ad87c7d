#if Server

internal import MartletCompute

/// The threads that take batches from the queue and run them: neither tasks nor Dispatch, one for each core.
final class ComputeThreads: Sendable {
    private let queue: BatchQueue
    private let threads: [POSIXThread]

    /// Called by a thread after each batch; a team's threads count each for themselves.
    typealias Observer = @Sendable (_ texts: Int, _ tokens: Int, _ budget: Int, _ nanoseconds: UInt64) -> Void

    /// - Throws: If the system refuses a thread.
    init(_ queue: BatchQueue, count: Int, observe: @escaping Observer) throws(ThreadError) {
        self.queue = queue
        var threads: [POSIXThread] = []
        let staysOnCores = Self.stayOnCores(threads: count, cores: WorkerPool.affinityCores())
        for number in 0..<count {
            do throws(ThreadError) {
                threads.append(
                    try POSIXThread {
                        if staysOnCores { POSIXThread.stayOnCore(number) }
                        while let turn = queue.take(thread: number) {
                            queue.run(turn)
                            guard turn.member.leads else { continue }
                            let batch = turn.batch
                            observe(batch.jobs.count, batch.tokens, batch.model.tokenBudget, turn.computeTime(until: queue.clock.now()))
                        }
                    })
            } catch {
                queue.close()
                for thread in threads { thread.join() }
                throw error
            }
        }
        self.threads = threads
    }

    /// Whether threads are kept each on a core of its own. Fewer threads than cores, as a container's quota leaves, are up to the system,
    /// which knows the other programs: they would else all crowd on the first cores.
    static func stayOnCores(threads: Int, cores: Int) -> Bool { threads > 1 && threads == cores }

    /// Runs what waits, then ends the threads. It blocks.
    func stop() {
        queue.close()
        for thread in threads { thread.join() }
    }
}

#endif
