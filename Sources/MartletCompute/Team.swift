internal import CMartletKernels

/// One of the threads that take a job through together, each with its share of every step.
package struct TeamMember: Sendable {
    /// From 0, which leads.
    package let index: Int
    package let count: Int
    private let barrier: Barrier?

    /// Does all of the work by itself.
    package static let alone = TeamMember(index: 0, count: 1, barrier: nil)

    fileprivate init(index: Int, count: Int, barrier: Barrier?) {
        self.index = index
        self.count = count
        self.barrier = barrier
    }

    /// The members of a team, each for a thread of its own: they wait for each other, so none may stay away.
    /// One alone if there is no memory for the place where they wait.
    package static func team(of size: Int) -> [TeamMember] {
        guard size > 1, let barrier = Barrier(size) else { return [.alone] }
        return (0..<size).map { TeamMember(index: $0, count: size, barrier: barrier) }
    }

    package var leads: Bool { index == 0 }

    /// The indices below `total` that are this member's, a multiple of `unit` but for the last.
    package func share(of total: Int, unit: Int = 1) -> Range<Int> {
        if count == 1 { return 0..<total }
        let units = (total + unit - 1) / unit
        return min(units * index / count * unit, total)..<min(units * (index + 1) / count * unit, total)
    }

    /// Waits until all members are here. What any wrote before is there for all after.
    package func sync() { barrier?.wait(index) }
}

extension WorkerPool {
    /// Calls `body` once on each of `size` threads at the same time, from 1 to `largestTeam`, and returns
    /// when all are done.
    ///
    /// A body makes its member wait for all others at least once: so each thread takes one member's part, and
    /// none comes back for another.
    package func runTeam(_ size: Int, _ body: (_ member: TeamMember) -> Void) {
        precondition((1...largestTeam).contains(size), "a team of \(size) on \(largestTeam) threads")
        if size == 1 { return run(1, lane: .interactive) { _, _ in body(.alone) } }
        let members = TeamMember.team(of: size)
        run(members.count, lane: .interactive) { index, _ in body(members[index]) }
    }
}

/// Where the members wait for each other. `@unchecked` because the C side guards its memory by atomics.
private final class Barrier: @unchecked Sendable {
    private let handle: OpaquePointer
    private let count: Int32

    /// nil if there is no memory for it.
    init?(_ count: Int) {
        guard let handle = mk_barrier_make(Int32(count)) else { return nil }
        self.handle = handle
        self.count = Int32(count)
    }

    deinit { mk_barrier_free(handle) }

    func wait(_ member: Int) { mk_barrier_wait(handle, Int32(member), count) }
}
