internal import MartletCompute
internal import MartletSystem
import Synchronization

/// Merges segments on a thread of its own, so that no commit waits for it. The thread ends when there is
/// nothing to merge.
final class BackgroundMerges: Sendable {
    private let core: WriterCore
    private let isRunning = Monitor(false)
    /// Segments above which a commit waits: searches go through each.
    private static let mostSegments = 48

    init(_ core: WriterCore) { self.core = core }

    /// Begins a merge if one is due. With very many segments it returns after the merge.
    func wake() {
        let (isDue, segments) = core.state.withLock { ($0.isMergeDue, $0.snapshot.parts.count) }
        if isDue { begin() }
        if segments > Self.mostSegments { wait() }
    }

    private func begin() {
        let begins = isRunning.withLock { isRunning in
            defer { isRunning = true }
            return !isRunning
        }
        guard begins else { return }
        do throws(ThreadError) {
            try POSIXThread { [self] in run() }.detach()
        } catch {
            run()
        }
    }

    var isUnderWay: Bool { isRunning.withLock { $0 } }

    /// Returns when no merge is under way.
    func wait() { isRunning.waiting { $0 ? nil : () } }

    private func run() {
        while let plan = next() {
            do throws(IndexError) {
                let entry = try plan.write()
                try core.state.withLock { (state) throws(IndexError) in try state.finishMerge(plan, entry) }
            } catch {
                // What was committed stays as it is; the next commit tries again.
                core.state.withLock { state in
                    state.endMerge(plan)
                    state.mergeError = error
                }
                stop()
                return
            }
        }
    }

    /// The next merge; without one the thread ends, and a later call of ``wake()`` begins another.
    private func next() -> MergePlan? {
        let plan = isRunning.withLock { isRunning in
            let plan = core.state.withLock { $0.planMerge() }
            if plan == nil { isRunning = false }
            return plan
        }
        if plan == nil { isRunning.broadcast() }
        return plan
    }

    private func stop() {
        isRunning.withLock { $0 = false }
        isRunning.broadcast()
    }
}
