internal import CMartletKernels
internal import MartletSystem
import Synchronization

/// Threads that take one piece of work through together, as long as each has a core.
///
/// On a busy machine a thread is held up by others, and all members wait for it at every step. So the one that
/// leads starts with those who come at once, and gives the work up when one of them stays away: it then does
/// all of it again alone, which takes less than waiting. A held-up member ends its part later, in memory that
/// nobody else uses.
///
/// `@unchecked`: `work` is written before `count` is, and read after it.
package final class Team: @unchecked Sendable {
    /// The most members, that which leads included.
    package let size: Int
    private let barrier: Barrier
    private let call: (@Sendable (Team) -> Void)?
    private var work: (@Sendable (TeamMember) -> Void)?
    /// Those who came, and far more once it is too late to come.
    private let roll = Atomic<Int>(0)
    /// Members of the work; 0: it is not known yet.
    private let count = Atomic<Int>(0)

    /// Members that are back from the work, and whether the others were counted as held up. Both are looked at
    /// and changed under the pool's lock alone: a member may finish in the moment in which it is given up.
    let returned = Atomic<Int>(0)
    let isCounted = Atomic<Bool>(false)

    private static let tooLate = Int.max / 2

    /// - Parameter call: Asks `size - 1` threads to call `assist`; nil: they were asked.
    /// Nil for fewer than two members, and if there is no memory for the place where they wait.
    package init?(of size: Int, call: (@Sendable (Team) -> Void)? = nil) {
        guard size > 1, let barrier = Barrier(size) else { return nil }
        self.size = size
        self.barrier = barrier
        self.call = call
    }

    /// Members of the last work; 1 before.
    package var members: Int { max(1, count.load(ordering: .acquiring)) }

    /// Whether the work was given up because a member stayed away.
    package var isAbandoned: Bool { barrier.isAbandoned }

    /// Whether all came, and none stayed away.
    package var isWhole: Bool { members == size && !isAbandoned }

    /// Calls `work` once on the calling thread, which leads, and on those that come.
    ///
    /// A team works once.
    /// - Parameters:
    ///   - patience: Nanoseconds to wait for the others to come: a small part of what the work takes.
    ///   - work: Must not use what its caller changes later: a member that was held up runs it still.
    /// - Returns: Whether the work is done. If not, none of what it wrote may be used.
    @discardableResult
    package func run(patience: UInt64, _ work: @escaping @Sendable (TeamMember) -> Void) -> Bool {
        call?(self)
        let called = MonotonicClock.nanoseconds()
        while roll.load(ordering: .relaxed) < size - 1, MonotonicClock.nanoseconds() - called < patience {
            mk_pause()
        }
        let others = min(roll.exchange(Team.tooLate, ordering: .acquiringAndReleasing), size - 1)
        self.work = work
        barrier.begin()
        count.store(others + 1, ordering: .releasing)
        if others == 0 {
            work(.alone)
            return true
        }
        work(TeamMember(index: 0, count: others + 1, barrier: barrier))
        return !isAbandoned
    }

    /// Takes part in the work, or returns at once where it is too late. Called by a thread that was asked.
    /// - Returns: Whether it took part.
    @discardableResult
    package func assist() -> Bool {
        let others = roll.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue
        guard others < size else { return false }
        let since = MonotonicClock.nanoseconds()
        while count.load(ordering: .acquiring) == 0 {
            mk_pause()
            if MonotonicClock.nanoseconds() - since > 50_000 { mk_yield() }
        }
        guard others < count.load(ordering: .acquiring), let work else { return false }
        work(TeamMember(index: others, count: count.load(ordering: .acquiring), barrier: barrier))
        return true
    }

    /// Sends away those who came, where there is no work for them; after `run` nobody waits.
    package func dissolve() {
        roll.store(Team.tooLate, ordering: .releasing)
        _ = count.compareExchange(expected: 0, desired: 1, ordering: .acquiringAndReleasing)
    }
}
