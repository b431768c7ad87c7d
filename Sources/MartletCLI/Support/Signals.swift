#if Command

internal import MartletSystem

/// Turns Ctrl-C and SIGTERM into an orderly end: a thread waits for them, so that whatever must be done to
/// finish the output runs as ordinary code. A second signal ends the process at once.
enum Signals {
    /// A closed pipe is an error of `write`, which ends the command quietly, instead of a signal that kills
    /// it.
    static func ignoreClosedPipes() { signal(SIGPIPE, SIG_IGN) }

    /// Runs `body` so that threads that it starts leave the signals of `onInterrupt`, which is called later,
    /// to the threads after them.
    static func leftToOthers(_ body: () -> Void) {
        var (set, before) = (awaited(), sigset_t())
        pthread_sigmask(SIG_BLOCK, &set, &before)
        body()
        pthread_sigmask(SIG_SETMASK, &before, nil)
    }

    /// To be called before other threads start: they inherit the mask. Signals that the parent has set to be
    /// ignored (as `nohup` and shells' background jobs do) stay ignored.
    static func onInterrupt(_ finish: @escaping @Sendable (ExitStatus) -> Never) throws(CommandError) {
        var set = awaited()
        pthread_sigmask(SIG_BLOCK, &set, nil)
        let waited = set
        try Thread.start {
            let first = wait(for: waited)
            do {
                try Thread.start { finish(first) }
            } catch {
                System.exitNow(first)
            }
            System.exitNow(wait(for: waited))
        }
    }

    private static func wait(for set: sigset_t) -> ExitStatus {
        var set = set
        var number: Int32 = 0
        while sigwait(&set, &number) != 0 {}
        return number == SIGTERM ? .terminated : .interrupted
    }

    private static func awaited() -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in [SIGINT, SIGTERM] where !isIgnored(number) { sigaddset(&set, number) }
        return set
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        #if canImport(Darwin)
        let handler = unsafeBitCast(action.__sigaction_u.__sa_handler, to: Int.self)
        #elseif canImport(Glibc)
        let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
        #else
        let handler = unsafeBitCast(action.__sa_handler.sa_handler, to: Int.self)
        #endif
        return handler == 1  // SIG_IGN
    }
}

#endif
