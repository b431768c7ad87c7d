internal import CMartletKernels
internal import MartletSystem
import Synchronization

/// What the pool's threads share. A job is published under the lock: its indices are then taken from an atomic
/// counter, or its team is joined.
final class WorkerState: @unchecked Sendable {
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
        if team.isAbandoned {
            heldUp += team.members - 1 - team.returned.load(ordering: .relaxed)
            team.isCounted.store(true, ordering: .relaxed)
        }
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
        let start = MonotonicClock.nanoseconds()
        repeat {
            for _ in 0..<32 {
                if condition() { return }
                mk_pause()
            }
        } while MonotonicClock.nanoseconds() - start < 50_000
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
            if wasMember, team.isCounted.load(ordering: .relaxed) {
                heldUp -= 1
            } else if wasMember {
                team.returned.wrappingAdd(1, ordering: .relaxed)
            }
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
