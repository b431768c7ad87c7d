internal import CMartletKernels
internal import MartletSystem
import Synchronization

/// A fixed number of threads that share out the indices of one job at a time.
///
/// `run` calls its body once for every index, on the calling thread and on the pool's own, and returns when all are done. It
/// never touches Swift's cooperative pool: call it from a thread that may block.
///
/// A child that `fork` makes has none of its parent's threads. There the pool starts threads of its own when it gets its first job.
///
/// `@unchecked` because `Atomic` is not Sendable; it is all that changes after `init`. A body must not run another job of the same pool: it would wait
/// for its own turn.
package final class WorkerPool: @unchecked Sendable {
    /// Threads that work on a job, the caller's included.
    package let width: Int
    /// A retained `Crew`, that of the process that used the pool last.
    private let crew: Atomic<UnsafeRawPointer>

    /// `width` threads; by default one for each core that the process may use.
    package init(width: Int? = nil) {
        let width = max(1, width ?? WorkerPool.usableCores())
        self.width = width
        crew = Atomic(Crew(width: width).retained())
    }

    deinit {
        let crew = Unmanaged<Crew>.fromOpaque(crew.load(ordering: .acquiring))
        // Those of another process have no threads to join here, and their locks may be held for ever.
        guard crew._withUnsafeGuaranteedRef({ $0.isOfThisProcess }) else { return }
        crew.takeRetainedValue().stop()
    }

    /// The threads of this process.
    private func members() -> Crew {
        let last = crew.load(ordering: .acquiring)
        let known = Unmanaged<Crew>.fromOpaque(last).takeUnretainedValue()
        if known.isOfThisProcess { return known }
        // The parent's is left as it is: the fork may have met it in the middle of a job.
        let fresh = Crew(width: width)
        let (exchanged, other) = crew.compareExchange(expected: last, desired: fresh.retained(), ordering: .acquiringAndReleasing)
        if exchanged { return fresh }
        // Another thread of this process was faster.
        fresh.release()
        fresh.stop()
        return Unmanaged<Crew>.fromOpaque(other).takeUnretainedValue()
    }

    /// Threads that a team can have: those that the system gave, the caller's included.
    package var largestTeam: Int { members().threads.count + 1 }

    /// Calls `body(index, worker)` for every index below `count`, in any order; `worker` is below `width` and no two calls
    /// with the same worker overlap.
    package func run(_ count: Int, _ body: (_ index: Int, _ worker: Int) -> Void) { members().run(count, body) }

    /// Cores in the process's affinity mask, but no more than its container's quota pays for.
    package static func usableCores() -> Int {
        let cores = affinityCores()
        return max(1, min(cores, CPUQuota.cores() ?? cores))
    }

    /// Cores in the process's affinity mask: those that its threads may run on, for however short a time.
    package static func affinityCores() -> Int {
        let cores = Int(mk_usable_cores())
        return cores > 0 ? cores : max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }
}

/// The threads of a pool in one process.
private final class Crew: Sendable {
    let threads: [POSIXThread]
    private let process = getpid()
    private let state: State
    /// Held by the caller for the length of a job.
    private let turn = Locked(())

    init(width: Int) {
        let state = State()
        self.state = state
        // A thread that the system refuses is done without.
        threads = (1..<width).compactMap { worker in try? POSIXThread { state.serve(worker) } }
    }

    var isOfThisProcess: Bool { process == getpid() }
    func retained() -> UnsafeRawPointer { UnsafeRawPointer(Unmanaged.passRetained(self).toOpaque()) }
    func release() { Unmanaged.passUnretained(self).release() }

    /// Ends the threads. No job may be running.
    func stop() {
        state.stop()
        for thread in threads { thread.join() }
    }

    func run(_ count: Int, _ body: (_ index: Int, _ worker: Int) -> Void) {
        turn.withLock { _ in
            if threads.isEmpty || count <= 1 {
                for index in 0..<count { body(index, 0) }
                return
            }
            withoutActuallyEscaping(body) { body in
                state.perform(count, helpers: min(threads.count, count - 1), wakesAll: count > threads.count, body)
            }
        }
    }
}

/// What the pool's threads share. A job is published under the lock; indices are then taken from an atomic counter.
private final class State: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let work = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let done = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let next = Atomic<Int>(0)
    private var body: ((Int, Int) -> Void)?
    private var count = 0
    private var stopping = false
    /// Threads that have no job and do not sleep yet.
    private var looking = 0
    // Both change under the lock alone, and are looked at without it, too.
    private let job = Atomic<Int>(0)
    private let busy = Atomic<Int>(0)

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(work, nil)
        pthread_cond_init(done, nil)
    }

    deinit {
        pthread_cond_destroy(done)
        pthread_cond_destroy(work)
        pthread_mutex_destroy(mutex)
        done.deallocate()
        work.deallocate()
        mutex.deallocate()
    }

    func stop() {
        pthread_mutex_lock(mutex)
        stopping = true
        pthread_cond_broadcast(work)
        pthread_mutex_unlock(mutex)
    }

    /// Returns only when no worker holds `body` any more, as `withoutActuallyEscaping` demands.
    /// - Parameter helpers: Threads to wake; a job of few indices leaves the others asleep.
    /// - Parameter wakesAll: Wakes all threads.
    func perform(_ count: Int, helpers: Int, wakesAll: Bool, _ body: @escaping (Int, Int) -> Void) {
        pthread_mutex_lock(mutex)
        self.body = body
        self.count = count
        next.store(0, ordering: .relaxed)
        job.wrappingAdd(1, ordering: .releasing)
        // A team waits for each of its threads; one that is not needed finds no index and goes back to sleep.
        if wakesAll { pthread_cond_broadcast(work) } else { for _ in 0..<max(0, helpers - looking) { pthread_cond_signal(work) } }
        pthread_mutex_unlock(mutex)

        take(count, 0, body)

        comesSoon { busy.load(ordering: .acquiring) == 0 }
        pthread_mutex_lock(mutex)
        // A thread that has not woken yet finds no body and goes back to sleep.
        self.body = nil
        while busy.load(ordering: .relaxed) > 0 { pthread_cond_wait(done, mutex) }
        pthread_mutex_unlock(mutex)
    }

    func serve(_ worker: Int) {
        var (seen, looks) = (0, false)
        pthread_mutex_lock(mutex)
        while !stopping {
            if job.load(ordering: .relaxed) != seen, body != nil {
                seen = job.load(ordering: .relaxed)
                busy.wrappingAdd(1, ordering: .relaxed)
                serveOne(worker)
                if busy.wrappingSubtract(1, ordering: .releasing).newValue == 0 { pthread_cond_signal(done) }
                looks = true
            } else if looks {
                // Whoever asks for one text after the other finds the thread awake.
                looks = false
                looking += 1
                pthread_mutex_unlock(mutex)
                comesSoon { job.load(ordering: .acquiring) != seen }
                pthread_mutex_lock(mutex)
                looking -= 1
            } else {
                pthread_cond_wait(work, mutex)
            }
        }
        pthread_mutex_unlock(mutex)
    }

    /// Looks for what another thread is about to do, for about as long as it would take to wake this one.
    private func comesSoon(_ condition: () -> Bool) {
        let start = State.nanoseconds()
        repeat {
            for _ in 0..<32 {
                if condition() { return }
                mk_pause()
            }
        } while State.nanoseconds() - start < 50_000
    }

    private static func nanoseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)
    }

    /// Its own frame, so that the reference to the body is gone when it returns.
    @inline(never)
    private func serveOne(_ worker: Int) {
        guard let body else { return }
        let count = count
        pthread_mutex_unlock(mutex)
        take(count, worker, body)
        pthread_mutex_lock(mutex)
    }

    private func take(_ count: Int, _ worker: Int, _ body: (Int, Int) -> Void) {
        while true {
            let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
            if index >= count { return }
            body(index, worker)
        }
    }
}
