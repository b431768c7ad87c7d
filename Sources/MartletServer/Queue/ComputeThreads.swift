internal import MartletCompute

/// The threads that take batches from the queue and run them: neither tasks nor Dispatch, one for each core.
final class ComputeThreads: Sendable {
    private let queue: BatchQueue
    private let threads: [POSIXThread]

    /// Called by a thread after each batch.
    typealias Observer = @Sendable (_ texts: Int, _ tokens: Int, _ budget: Int, _ nanoseconds: UInt64) -> Void

    /// - Throws: If the system refuses a thread.
    init(_ queue: BatchQueue, count: Int, observe: @escaping Observer) throws(ThreadError) {
        self.queue = queue
        var threads: [POSIXThread] = []
        // Fewer threads are left to the system, which knows the other programs.
        let staysOnCores = count > 1 && count == WorkerPool.usableCores()
        for number in 0..<count {
            do throws(ThreadError) {
                threads.append(
                    try POSIXThread {
                        if staysOnCores { POSIXThread.stayOnCore(number) }
                        while let turn = queue.take(thread: number) {
                            queue.run(turn)
                            guard turn.member.leads else { continue }
                            let batch = turn.batch
                            observe(batch.jobs.count, batch.tokens, batch.model.tokenBudget, queue.clock.now() &- batch.begun)
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

    /// Runs what waits, then ends the threads. It blocks.
    func stop() {
        queue.close()
        for thread in threads { thread.join() }
    }
}
