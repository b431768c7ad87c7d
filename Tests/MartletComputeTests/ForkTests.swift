#if os(Linux)
import MartletSystem
import MartletTestSupport
import Synchronization
import Testing

@testable import MartletCompute

/// What becomes of a pool in the child of a process. Each test forks in a process of its own, where no other
/// test holds a lock.
@Suite("A pool after fork")
struct ForkTests {
    @Test func aJobOfManyIndices() async {
        await #expect(processExitsWith: .success) {
            let pool = WorkerPool(width: 3)
            ForkTests.useOnce(pool)
            Fork.inChild { ForkTests.useOnce(pool) }
            ForkTests.useOnce(pool)
        }
    }

    /// All members of a team must come, so a thread that is only in the parent would be waited for without
    /// end.
    @Test func aTeam() async {
        await #expect(processExitsWith: .success) {
            let pool = WorkerPool(width: 3)
            ForkTests.meet(pool)
            Fork.inChild {
                for _ in 0..<100 { ForkTests.meet(pool) }
                // And in a child of the child.
                Fork.inChild { ForkTests.meet(pool) }
                ForkTests.meet(pool)
            }
            ForkTests.meet(pool)
        }
    }

    @Test func aPoolThatTheParentDidNotUse() async {
        await #expect(processExitsWith: .success) {
            let pool = WorkerPool(width: 3)
            Fork.inChild { ForkTests.meet(pool) }
            Fork.inChild { ForkTests.meet(WorkerPool(width: 2)) }
        }
    }

    @Test func closedInTheChildInTheParentAndInBoth() async {
        await #expect(processExitsWith: .success) {
            var pool: WorkerPool? = WorkerPool(width: 3)
            if let pool { ForkTests.meet(pool) }
            let kept = Unmanaged.passRetained(pool!)
            Fork.inChild { kept.release() }
            Fork.inChild {
                ForkTests.meet(kept.takeUnretainedValue())
                kept.release()
            }
            pool = nil
            kept.release()
        }
    }

    /// The child has its parent's locks as they were, and not the threads that held them.
    @Test func duringAJobOfTheParent() async {
        await #expect(processExitsWith: .success) {
            let pool = WorkerPool(width: 3)
            let started = Atomic<Bool>(false)
            let ends = Atomic<Bool>(false)
            try withoutActuallyEscaping({
                pool.run(3) { _, _ in
                    started.store(true, ordering: .releasing)
                    while !ends.load(ordering: .acquiring) { usleep(100) }
                }
            }) { (job: @escaping () -> Void) in
                nonisolated(unsafe) let job = job
                let thread = try POSIXThread { job() }
                while !started.load(ordering: .acquiring) { usleep(100) }
                Fork.inChild { ForkTests.meet(pool) }
                ends.store(true, ordering: .releasing)
                thread.join()
            }
        }
    }

    /// Whichever of the child's threads comes first starts the pool's threads.
    @Test func usedByTwoThreadsOfTheChildAtOnce() async {
        await #expect(processExitsWith: .success) {
            for _ in 0..<20 {
                let pool = WorkerPool(width: 2)
                ForkTests.meet(pool)
                Fork.inChild {
                    let threads = (0..<3).compactMap { _ in try? POSIXThread { ForkTests.meet(pool) } }
                    ForkTests.meet(pool)
                    for thread in threads { thread.join() }
                }
            }
        }
    }

    /// What `Synchronization.Mutex` does not do.
    @Test func twoThreadsOfTheChildMeetAtALock() async {
        await #expect(processExitsWith: .success) {
            let lock = Locked(0)
            lock.withLock { $0 += 1 }
            Fork.inChild {
                let inside = Atomic<Bool>(false)
                withoutActuallyEscaping({
                    inside.store(true, ordering: .releasing)
                    lock.withLock { $0 += 1 }
                }) { (body: @escaping () -> Void) in
                    nonisolated(unsafe) let body = body
                    let thread = lock.withLock { value in
                        value += 1
                        let thread = try? POSIXThread { body() }
                        while !inside.load(ordering: .acquiring) { usleep(100) }
                        usleep(20_000)
                        return thread
                    }
                    thread?.join()
                }
                if lock.withLock({ $0 }) != 3 { _exit(1) }
            }
        }
    }

    private static func useOnce(_ pool: WorkerPool) {
        let sum = Atomic<Int>(0)
        pool.run(1000) { index, _ in sum.wrappingAdd(index, ordering: .relaxed) }
        if sum.load(ordering: .relaxed) != 499_500 { _exit(1) }
    }

    private static func meet(_ pool: WorkerPool) {
        guard pool.largestTeam == pool.width else { _exit(2) }
        let count = Atomic<Int>(0)
        pool.runTeam(pool.largestTeam) { member in
            count.wrappingAdd(1, ordering: .relaxed)
            member.sync()
            if count.load(ordering: .relaxed) != member.count { _exit(3) }
            member.sync()
        }
    }
}
#endif
