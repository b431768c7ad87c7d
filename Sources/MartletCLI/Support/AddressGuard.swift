#if Command

import Synchronization
internal import MartletSystem

/// Ends the command with a message where a limit of its addresses (`ulimit -v`) would end it with a signal or
/// let it wait for ever: memory that is refused inside Swift's runtime or a library cannot be handled there, and
/// libdispatch tries for ever to start a thread that the system refuses.
///
/// Without a limit it does nothing.
enum AddressGuard {
    /// With less than this left, something was refused.
    private static let least = 64 << 20
    /// Seconds that a task may wait for a thread.
    private static let patience: UInt32 = 10

    static func catchSignals() {
        guard AddressSpace.limit != nil else { return }
        for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT] {
            signal(number) { AddressGuard.caught($0) }
        }
        signal(SIGALRM) { _ in
            // A task may also wait because others take long: only where there is no room for a thread, none comes.
            if !AddressSpace.hasRoom(for: AddressSpace.stackBytes + (1 << 20)) { AddressGuard.end() }
            alarm(AddressGuard.patience)
        }
    }

    /// Watches Swift's threads from here on.
    static func startWatch() throws(CommandError) {
        guard AddressSpace.limit != nil else { return }
        var failure: CommandError?
        Signals.leftToOthers {
            do throws(CommandError) { try Thread.start { watch() } } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Only calls that a handler of signals may make.
    private static func caught(_ number: Int32) {
        if !AddressSpace.hasRoom(for: least) { end() }
        // The second time the system ends the process, as it would have.
        signal(number, SIG_DFL)
    }

    private static func end() -> Never {
        let message: StaticString =
            "martlet: error: less than 64 MiB are left of the addresses that the process may use, and it cannot go on; raise its limit of address space (ulimit -v)\n"
        _ = write(2, message.utf8Start, message.utf8CodeUnitCount)
        _exit(1)
    }

    /// Asks Swift's threads again and again whether they still run tasks, of each priority that the command has,
    /// for libdispatch keeps threads for each. To make a task may already wait for ever, so it is the system's
    /// alarm that ends the command.
    private static func watch() {
        while true {
            for priority in [TaskPriority.high, .medium] {
                let answer = Answer()
                alarm(patience)
                Task(priority: priority) { answer.came.store(true, ordering: .relaxed) }
                while !answer.came.load(ordering: .relaxed) { usleep(50_000) }
                alarm(0)
            }
            usleep(1_000_000)
        }
    }

    private final class Answer: Sendable { let came = Atomic(false) }
}

#endif
