internal import CMartletKernels
internal import MartletSystem
import Synchronization

/// A fixed number of threads that share out the indices of one job at a time.
///
/// `run` calls its body once for every index, on the calling thread and on the pool's own, and returns when
/// all are done. It never touches Swift's cooperative pool: call it from a thread that may block.
///
/// A child that `fork` makes has none of its parent's threads. There the pool starts threads of its own when
/// it gets its first job.
///
/// `@unchecked` because `Atomic` is not Sendable; it is all that changes after `init`. A body must not run
/// another job of the same pool: it would wait for its own turn.
package final class WorkerPool: @unchecked Sendable {
    /// Threads that work on a job, the caller's included.
    package let width: Int
    /// A retained `WorkerCrew`, that of the process that used the pool last.
    private let crew: Atomic<UnsafeRawPointer>

    private static let known = Locked<[Int: WeakPool]>([:])

    /// The pool of that width that the process's models share; it is made when the first asks, and goes with
    /// the last. One of width 1 has no threads to share: each model has its own, so that callers do not wait
    /// for each other.
    package static func shared(width: Int) -> WorkerPool {
        if width == 1 { return WorkerPool(width: 1) }
        return known.withLock { known in
            if let pool = known[width]?.pool { return pool }
            let pool = WorkerPool(width: width)
            known[width] = WeakPool(pool: pool)
            return pool
        }
    }

    private struct WeakPool { weak var pool: WorkerPool? }

    /// `width` threads; by default one for each core that the process may use.
    package init(width: Int? = nil) {
        let width = max(1, width ?? WorkerPool.usableCores())
        self.width = width
        crew = Atomic(WorkerCrew(width: width).retained())
    }

    deinit {
        let crew = Unmanaged<WorkerCrew>.fromOpaque(crew.load(ordering: .acquiring))
        // Those of another process have no threads to join here, and their locks may be held for ever.
        guard crew._withUnsafeGuaranteedRef({ $0.isOfThisProcess }) else { return }
        crew.takeRetainedValue().stop()
    }

    /// The threads of this process.
    private func members() -> WorkerCrew {
        let last = crew.load(ordering: .acquiring)
        let known = Unmanaged<WorkerCrew>.fromOpaque(last).takeUnretainedValue()
        if known.isOfThisProcess { return known }
        // The parent's is left as it is: the fork may have met it in the middle of a job.
        let fresh = WorkerCrew(width: width)
        let (exchanged, other) = crew.compareExchange(
            expected: last, desired: fresh.retained(), ordering: .acquiringAndReleasing)
        if exchanged { return fresh }
        // Another thread of this process was faster.
        fresh.release()
        fresh.stop()
        return Unmanaged<WorkerCrew>.fromOpaque(other).takeUnretainedValue()
    }

    /// Whether an interactive job waits for the threads.
    var isInteractiveWaiting: Bool { members().line.isInteractiveWaiting }

    /// Threads that the system gave, the caller's included.
    package var threadCount: Int { members().threads.count + 1 }

    /// Threads that a team of the pool can have: those on fast cores of one node of memory, the caller's included.
    package var largestTeam: Int { members().largestTeam }

    /// The processor that one of the threads is best kept on; nil where the system does not say.
    package func processor(ofThread thread: Int) -> Int? {
        let processors = members().plan.processors
        return thread < processors.count ? processors[thread] : nil
    }

    /// Calls `body(index, worker)` for every index below `count`, in any order; `worker` is below `width` and
    /// no two calls with the same worker overlap.
    /// - Parameters:
    ///   - lane: A bulk job lets interactive ones go first, also between two of its indices. One whose calls
    ///     wait for each other must be interactive.
    ///   - whenAsked: Called, on any thread, when another job waits for the threads; for a body that runs
    ///     until it is told to stop.
    package func run(
        _ count: Int, lane: Lane = .bulk, whenAsked: (@Sendable () -> Void)? = nil,
        _ body: (_ index: Int, _ worker: Int) -> Void
    ) {
        members().run(count, lane, whenAsked, body)
    }

    /// Calls `body` on the calling thread, with a team of at most `size` where other threads are free for it;
    /// nil: it works alone.
    ///
    /// It counts as an interactive job.
    package func withTeam<Result>(of size: Int, _ body: (Team?) -> Result) -> Result {
        members().withTeam(of: size, body)
    }

    /// Cores in the process's affinity mask, but no more than its container's quota pays for.
    package static func usableCores() -> Int {
        let cores = affinityCores()
        return max(1, min(cores, CPUQuota.cores() ?? cores))
    }

    /// Processors in the process's affinity mask: those that its threads may run on, for however short a time.
    package static func affinityCores() -> Int {
        let cores = Int(mk_usable_processors(nil, 0))
        return cores > 0 ? cores : max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }

    /// The numbers of these processors; none where the system does not say.
    static func affinityProcessors() -> [Int] {
        let count = mk_usable_processors(nil, 0)
        var numbers = [Int32](repeating: 0, count: Int(count))
        let found = mk_usable_processors(&numbers, count)
        return numbers.prefix(Int(min(found, count))).map(Int.init)
    }
}
