#if Server

import Synchronization
internal import MartletCompute
internal import MartletSystem

/// SIGTERM and SIGINT: the first asks the server to stop, the second ends the process at once.
enum StopSignals {
    /// The end that the handler writes to, and how many signals came. A handler may only use what is safe in
    /// it: atomics, `write`, `_exit`.
    private static let writer = Atomic<Int32>(-1)
    private static let count = Atomic<Int32>(0)

    /// Calls `stop` on a thread of its own after the first signal.
    /// - Throws: If the system refuses a pipe or a thread.
    static func watch(_ stop: @escaping @Sendable () -> Void) throws(ServerError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw ServerError("the system refuses a pipe for signals (error \(errno))")
        }
        let reader = ends[0]
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        count.store(0, ordering: .relaxed)
        writer.store(ends[1], ordering: .releasing)
        do throws(ThreadError) {
            try POSIXThread {
                var byte: UInt8 = 0
                while read(reader, &byte, 1) < 0, errno == EINTR {}
                stop()
            }.detach()
        } catch {
            throw ServerError(error.reason)
        }
        for number in [SIGTERM, SIGINT] {
            signal(number) { number in
                if StopSignals.count.wrappingAdd(1, ordering: .relaxed).oldValue > 0 { _exit(128 + number) }
                var byte: UInt8 = 1
                let saved = errno
                _ = write(StopSignals.writer.load(ordering: .acquiring), &byte, 1)
                errno = saved
            }
        }
    }
}

#endif
