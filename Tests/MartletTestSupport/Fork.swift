#if os(Linux)
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@_silgen_name("fork") private func forkProcess() -> Int32

/// Children made by `fork`, which Swift does not let one call. For exit tests: a test's own process, in which
/// no other test holds a lock.
package enum Fork {
    /// Runs `body` in a child. Ends this process with a failure if the body throws or ends the child, or
    /// takes more than a minute.
    package static func inChild(_ body: () throws -> Void) {
        let child = forkProcess()
        if child == 0 {
            do { try body() } catch { _exit(7) }
            _exit(0)
        }
        guard child > 0 else { _exit(4) }
        var status: Int32 = 0
        for _ in 0..<60_000 {
            if waitpid(child, &status, WNOHANG) == child {
                if status != 0 { _exit(5) }
                return
            }
            usleep(1000)
        }
        kill(child, SIGKILL)
        waitpid(child, &status, 0)
        _exit(6)
    }
}
#endif
