#if Server

internal import MartletCompute
internal import MartletSystem

/// Whether the system has room for the threads of a server. The libraries below it end the process where one
/// of theirs is refused, so this is asked before they start any.
enum ThreadRoom {
    /// Those of the runtime, of files and of the model that is loaded first, besides the loops.
    private static let usual = 8

    /// - Throws: If `loops` threads and the usual ones cannot be open at once.
    static func check(loops: Int) throws(ServerError) {
        let isOver = Monitor(false)
        var threads: [POSIXThread] = []
        var refusal: ThreadError?
        while refusal == nil, threads.count < loops + usual {
            do throws(ThreadError) {
                threads.append(try POSIXThread { isOver.waiting { $0 ? () : nil } })
            } catch {
                refusal = error
            }
        }
        isOver.withLock { $0 = true }
        isOver.broadcast()
        for thread in threads { thread.join() }
        if let refusal { throw ServerError(refusal.reason) }
    }
}

#endif
