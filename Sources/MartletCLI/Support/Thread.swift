#if Command

internal import MartletCompute

/// A thread of its own for work that blocks in the kernel, which the cooperative pool must not.
enum Thread {
    /// Starts `body` on a detached thread.
    static func start(_ body: @escaping @Sendable () -> Void) throws(CommandError) {
        do throws(ThreadError) {
            try POSIXThread(body).detach()
        } catch {
            throw CommandError(error.reason)
        }
    }
}

#endif
