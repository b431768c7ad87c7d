#if Command

import Synchronization

/// Threads that keep cores busy, as other programs do.
final class BusyThreads: Sendable {
    private let isOver = Atomic(false)

    /// - Throws: If the system refuses a thread.
    init(count: Int) throws(CommandError) {
        for _ in 0..<count {
            try Thread.start { [self] in while !isOver.load(ordering: .relaxed) {} }
        }
    }

    /// They end a moment later.
    func stop() { isOver.store(true, ordering: .relaxed) }
}

#endif
