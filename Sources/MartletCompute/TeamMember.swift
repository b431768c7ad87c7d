internal import CMartletKernels

/// One of the threads that take a job through together, each with its share of every step.
package struct TeamMember: Sendable {
    /// From 0, which leads.
    package let index: Int
    package let count: Int
    private let barrier: Barrier?

    /// Does all of the work by itself.
    package static let alone = TeamMember(index: 0, count: 1, barrier: nil)

    init(index: Int, count: Int, barrier: Barrier?) {
        self.index = index
        self.count = count
        self.barrier = barrier
    }

    package var leads: Bool { index == 0 }

    /// The indices below `total` that are this member's, a multiple of `unit` but for the last.
    package func share(of total: Int, unit: Int = 1) -> Range<Int> {
        if count == 1 { return 0..<total }
        let units = (total + unit - 1) / unit
        return min(units * index / count * unit, total)..<min(units * (index + 1) / count * unit, total)
    }

    /// Waits until all members are here. What any wrote before is there for all after.
    package func sync() { barrier?.wait(index, of: count) }

    /// Whether the work was given up because a member stayed away: what is left of it is in vain.
    package var isAbandoned: Bool { barrier?.isAbandoned ?? false }
}

extension WorkerPool {
    /// Calls `body` once on each of `size` threads at the same time, from 1 to `largestTeam`, and returns
    /// when all are done, however long one is held up.
    ///
    /// A body makes its member wait for all others at least once: so each thread takes one member's part, and
    /// none comes back for another.
    package func runTeam(_ size: Int, _ body: (_ member: TeamMember) -> Void) {
        precondition((1...largestTeam).contains(size), "a team of \(size) on \(largestTeam) threads")
        guard size > 1, let barrier = Barrier(size) else {
            return run(1, lane: .interactive) { _, _ in body(.alone) }
        }
        run(size, lane: .interactive) { index, _ in
            body(TeamMember(index: index, count: size, barrier: barrier))
        }
    }
}

/// Where the members wait for each other. `@unchecked` because the C side guards its memory by atomics.
final class Barrier: @unchecked Sendable {
    private let handle: OpaquePointer

    /// nil if there is no memory for it.
    init?(_ count: Int) {
        guard let handle = mk_barrier_make(Int32(count)) else { return nil }
        self.handle = handle
    }

    deinit { mk_barrier_free(handle) }

    /// The leader begins work that it can do again alone.
    func begin() { mk_barrier_begin(handle) }

    func wait(_ member: Int, of count: Int) { mk_barrier_wait(handle, Int32(member), Int32(count)) }

    var isAbandoned: Bool { mk_barrier_is_abandoned(handle) != 0 }
}
