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
    /// A retained `Crew`, that of the process that used the pool last.
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
        let (exchanged, other) = crew.compareExchange(
            expected: last, desired: fresh.retained(), ordering: .acquiringAndReleasing)
        if exchanged { return fresh }
        // Another thread of this process was faster.
        fresh.release()
        fresh.stop()
        return Unmanaged<Crew>.fromOpaque(other).takeUnretainedValue()
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

/// The threads of a pool in one process.
private final class Crew: Sendable {
    let threads: [POSIXThread]
    let plan: ThreadPlan
    private let process = getpid()
    private let state: State
    let line = TurnLine()

    init(width: Int) {
        // One thread needs no plan, and what the system says of processors takes a while to read.
        let plan = ThreadPlan(width == 1 ? CoreTopology(alike: 1) : .current, width: width)
        let state = State(team: plan.team)
        self.state = state
        self.plan = plan
        // A thread that the system refuses is done without.
        threads = (1..<width).compactMap { worker in
            try? POSIXThread {
                if worker < plan.masks.count { POSIXThread.stay(on: plan.masks[worker]) }
                state.serve(worker)
            }
        }
    }

    var largestTeam: Int { min(threads.count + 1, plan.team) }

    var isOfThisProcess: Bool { process == getpid() }
    func retained() -> UnsafeRawPointer { UnsafeRawPointer(Unmanaged.passRetained(self).toOpaque()) }
    func release() { Unmanaged.passUnretained(self).release() }

    /// Ends the threads. No job may be running.
    func stop() {
        state.stop()
        for thread in threads { thread.join() }
    }

    func run(
        _ count: Int, _ lane: Lane, _ whenAsked: (@Sendable () -> Void)?,
        _ body: (_ index: Int, _ worker: Int) -> Void
    ) {
        var first = 0
        repeat {
            line.take(lane, whenAsked: whenAsked)
            first = part(from: first, count, mayYield: lane == .bulk, body)
            line.giveBack()
        } while first < count
    }

    func withTeam<Result>(of size: Int, _ body: (Team?) -> Result) -> Result {
        line.take(.interactive, whenAsked: nil)
        defer { line.giveBack() }
        guard let team = state.team(of: min(size, largestTeam)) else { return body(nil) }
        defer { state.end(team) }
        return body(team)
    }

    /// Calls `body` for indices from `first` on, all or until an interactive job waits.
    /// - Returns: The first index that is left, `count` if none is.
    private func part(
        from first: Int, _ count: Int, mayYield: Bool, _ body: (_ index: Int, _ worker: Int) -> Void
    ) -> Int {
        // A turn is worth its start: each thread takes an index at least.
        let least = first + threads.count + 1
        let goesOn = { (index: Int) in !(mayYield && index >= least && self.line.isInteractiveWaiting) }
        if threads.isEmpty || count - first <= 1 {
            for index in first..<count {
                guard goesOn(index) else { return index }
                body(index, 0)
            }
            return count
        }
        return withoutActuallyEscaping(body) { body in
            state.perform(
                State.Job(first: first, count: count, least: mayYield ? least : .max, line: line, body: body),
                helpers: min(threads.count, count - first - 1), wakesAll: count - first > threads.count)
        }
    }
}

/// What the pool's threads share. A job is published under the lock: its indices are then taken from an atomic
/// counter, or its team is joined.
private final class State: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    /// What threads that are in teams wait for, and what the others do: a team must not wake those.
    private let work = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let otherWork = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let done = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let next = Atomic<Int>(0)
    private var current: Work?
    private var stopping = false
    /// Threads in a team whose leader did not wait for them.
    private var heldUp = 0
    private var pacing = TeamPacing()
    /// Threads for teams that have no job and do not sleep yet.
    private var looking = 0
    /// Threads below this number are in teams.
    private let team: Int
    // Both change under the lock alone, and are looked at without it, too.
    private let published = Atomic<Int>(0)
    private let busy = Atomic<Int>(0)

    enum Work {
        case indices(Job)
        case team(Team)
    }

    /// Indices from `first` to `count`; from `least` on they are left where an interactive job waits in
    /// `line`.
    struct Job {
        let first: Int
        let count: Int
        let least: Int
        let line: TurnLine
        let body: (Int, Int) -> Void
    }

    init(team: Int) {
        self.team = team
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(work, nil)
        pthread_cond_init(otherWork, nil)
        pthread_cond_init(done, nil)
    }

    deinit {
        pthread_cond_destroy(done)
        pthread_cond_destroy(work)
        pthread_cond_destroy(otherWork)
        pthread_mutex_destroy(mutex)
        done.deallocate()
        work.deallocate()
        otherWork.deallocate()
        mutex.deallocate()
    }

    func stop() {
        pthread_mutex_lock(mutex)
        stopping = true
        pthread_cond_broadcast(work)
        pthread_cond_broadcast(otherWork)
        pthread_mutex_unlock(mutex)
    }

    /// Returns only when no worker holds the job's body any more, as `withoutActuallyEscaping` demands.
    /// - Parameters:
    ///   - helpers: Threads to wake; a job of few indices leaves the others asleep.
    ///   - wakesAll: Wakes all threads.
    /// - Returns: The first index that was left.
    func perform(_ job: Job, helpers: Int, wakesAll: Bool) -> Int {
        pthread_mutex_lock(mutex)
        next.store(job.first, ordering: .relaxed)
        publish(.indices(job), helpers: helpers, wakesAll: wakesAll)
        pthread_mutex_unlock(mutex)

        take(job, 0)

        comesSoon { busy.load(ordering: .acquiring) == 0 }
        pthread_mutex_lock(mutex)
        // A thread that has not woken yet finds no job and goes back to sleep.
        current = nil
        while busy.load(ordering: .relaxed) > 0 { pthread_cond_wait(done, mutex) }
        pthread_mutex_unlock(mutex)
        return min(next.load(ordering: .relaxed), job.count)
    }

    /// Under the lock. A thread that is not needed finds no index and goes back to sleep.
    private func publish(_ job: Work, helpers: Int, wakesAll: Bool) {
        current = job
        published.wrappingAdd(1, ordering: .releasing)
        if wakesAll {
            pthread_cond_broadcast(work)
            pthread_cond_broadcast(otherWork)
        } else {
            for _ in 0..<max(0, min(helpers, team - 1) - looking) { pthread_cond_signal(work) }
            for _ in 0..<max(0, helpers - (team - 1)) { pthread_cond_signal(otherWork) }
        }
    }

    /// A team of at most `size`, which calls the pool's threads when it works; nil: none is free.
    func team(of size: Int) -> Team? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        let size = size - heldUp
        guard size > 1, pacing.allowsTeam() else { return nil }
        return Team(of: size) { team in
            pthread_mutex_lock(self.mutex)
            self.publish(.team(team), helpers: size - 1, wakesAll: false)
            pthread_mutex_unlock(self.mutex)
        }
    }

    /// Sends threads away that come too late for a team; those inside end by themselves.
    func end(_ team: Team) {
        team.dissolve()
        pthread_mutex_lock(mutex)
        current = nil
        if team.isAbandoned { heldUp += team.members - 1 }
        pacing.record(isWhole: team.isWhole)
        pthread_mutex_unlock(mutex)
    }

    func serve(_ worker: Int) {
        var (seen, looks) = (0, false)
        pthread_mutex_lock(mutex)
        while !stopping {
            if published.load(ordering: .relaxed) != seen, current != nil {
                seen = published.load(ordering: .relaxed)
                looks = serveOne(worker) && worker < team
            } else if looks {
                // Whoever asks for one text after the other finds the thread awake.
                looks = false
                looking += 1
                pthread_mutex_unlock(mutex)
                comesSoon { published.load(ordering: .acquiring) != seen }
                pthread_mutex_lock(mutex)
                looking -= 1
            } else {
                pthread_cond_wait(worker < team ? work : otherWork, mutex)
            }
        }
        pthread_mutex_unlock(mutex)
    }

    /// Looks for what another thread is about to do, for about as long as it would take to wake this one.
    private func comesSoon(_ condition: () -> Bool) {
        let start = MonotonicClock.system.now()
        repeat {
            for _ in 0..<32 {
                if condition() { return }
                mk_pause()
            }
        } while MonotonicClock.system.now() - start < 50_000
    }

    /// Its own frame, so that the reference to the body is gone when it returns.
    /// - Returns: Whether there was something for the thread.
    @inline(never)
    private func serveOne(_ worker: Int) -> Bool {
        switch current {
        case .indices(let job)?:
            busy.wrappingAdd(1, ordering: .relaxed)
            pthread_mutex_unlock(mutex)
            take(job, worker)
            pthread_mutex_lock(mutex)
            if busy.wrappingSubtract(1, ordering: .releasing).newValue == 0 { pthread_cond_signal(done) }
        case .team(let team)? where worker < self.team:
            pthread_mutex_unlock(mutex)
            let wasMember = team.assist()
            pthread_mutex_lock(mutex)
            if wasMember, team.isAbandoned { heldUp -= 1 }
        case .team?, nil: return false
        }
        return true
    }

    private func take(_ job: Job, _ worker: Int) {
        while true {
            // `next` is then the first index that nobody has taken: it is moved only by who takes one.
            if next.load(ordering: .relaxed) >= job.least, job.line.isInteractiveWaiting { return }
            let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
            if index >= job.count { return }
            job.body(index, worker)
        }
    }
}
