import CMartletKernels
import MartletSystem
import Synchronization
import Testing

@testable import MartletCompute

@Suite struct WorkerPoolTests {
    @Test(arguments: 1...8)
    func everyIndexOnce(_ width: Int) {
        let pool = WorkerPool(width: width)
        #expect(pool.width == width)
        for count in [0, 1, 2, 7, 100, 1000] {
            let calls = (0..<count).map { _ in Counter() }
            let busy = (0..<width).map { _ in Counter() }
            pool.run(count) { index, worker in
                #expect(busy[worker].add(1) == 0, "two calls with worker \(worker) overlap")
                calls[index].add(1)
                busy[worker].add(-1)
            }
            #expect(calls.allSatisfy { $0.value == 1 })
        }
    }

    /// A job must not see the one before it, and none may be lost.
    @Test func manySmallJobsInARow() {
        let pool = WorkerPool(width: 4)
        let total = Counter()
        for job in 0..<3000 {
            let sum = Counter()
            let count = job % 9
            pool.run(count) { index, _ in sum.add(index + job) }
            #expect(sum.value == count * (count - 1) / 2 + count * job)
            total.add(count)
        }
        #expect(total.value == (0..<3000).map { $0 % 9 }.reduce(0, +))
    }

    @Test func bodyIsReleasedWhenRunReturns() {
        let pool = WorkerPool(width: 3)
        weak var gone: Counter?
        do {
            let counter = Counter()
            gone = counter
            pool.run(50) { _, _ in counter.add(1) }
            #expect(counter.value == 50)
        }
        #expect(gone == nil)
    }

    @Test func callersTakeTurns() async {
        let pool = WorkerPool(width: 3)
        let total = Counter()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<100 { pool.run(10) { _, _ in total.add(1) } }
                }
            }
        }
        #expect(total.value == 4 * 100 * 10)
    }

    @Test func aPoolInsideAnother() {
        let outer = WorkerPool(width: 2)
        let inner = WorkerPool(width: 2)
        let total = Counter()
        outer.run(8) { _, _ in inner.run(5) { _, _ in total.add(1) } }
        #expect(total.value == 40)
    }

    @Test func mapKeepsOrder() {
        let pool = WorkerPool(width: 4)
        let squares = pool.map(100) { $0 * $0 }
        #expect(squares == (0..<100).map { $0 * $0 })
        let none = pool.map(0) { $0 }
        #expect(none.isEmpty)
    }

    @Test func mapThrowsTheFirstErrorInIndexOrder() {
        struct Bad: Error, Equatable { let index: Int }
        let pool = WorkerPool(width: 4)
        let body = { (index: Int) throws(Bad) -> Int in
            if index == 30 || index == 71 { throw Bad(index: index) }
            return index
        }
        for _ in 0..<20 { #expect(throws: Bad(index: 30)) { try pool.map(100, body) } }
    }

    /// Threads of a pool that went would still be counted.
    @Test func deinitJoins() {
        for _ in 0..<200 {
            let pool = WorkerPool(width: 8)
            pool.run(3) { _, _ in }
        }
        // 200 pools of 8 threads: were they kept, this process would have 1400 threads, and an eventual
        // pthread_create would fail.
        let used = Mutex(Set<Int>())
        let pool = WorkerPool(width: 2)
        for _ in 0..<2000 {
            pool.run(64) { _, worker in
                used.withLock { _ = $0.insert(worker) }
                // The other thread gets a turn however busy the machine is.
                if worker == 0 { usleep(50) }
            }
            if used.withLock({ $0.count }) == 2 { break }
        }
        #expect(used.withLock { $0 } == [0, 1])
    }

    static let quotas: [(String, Int?)] = [
        ("max 100000\n", nil), ("-1\n 100000\n", nil), ("200000 100000\n", 2), ("150000 100000", 2),
        ("5000 100000", 1),
        ("9223372036854775807 1", .max), ("0 100000", nil), ("100000 0", nil), ("100000", nil), ("", nil),
        ("a b", nil),
    ]

    @Test(arguments: quotas)
    func quotaInCores(_ text: String, _ expected: Int?) {
        #expect(CPUQuota.cores(max: text) == expected)
    }

    @Test func aThreadStaysOnProcessorsOfTheProcess() throws {
        let all = WorkerPool.affinityProcessors()
        let seen = Mutex([[Int]]())
        let kept = [Array(all.prefix(1)), Array(all.suffix(1)), all, [65_000], []]
        for processors in kept {
            try POSIXThread {
                let stays = POSIXThread.stay(on: processors)
                seen.withLock { $0.append(stays ? WorkerPool.affinityProcessors() : [-1]) }
            }.join()
        }
        #if os(Linux)
        #expect(seen.withLock { $0 } == kept.prefix(3) + [[-1], [-1]])
        #else
        #expect(seen.withLock { $0 } == [[-1], [-1], [-1], [-1], [-1]])
        #endif
        // The others are as free as before.
        #expect(WorkerPool.affinityProcessors() == all)
    }

    @Test func usableCores() {
        #expect(WorkerPool.usableCores() >= 1)
        #expect(WorkerPool(width: 0).width == 1)
        #expect(WorkerPool().width == WorkerPool.usableCores())
    }
}

/// A number that threads may share.
private final class Counter: Sendable {
    private let number = Atomic<Int>(0)
    var value: Int { number.load(ordering: .sequentiallyConsistent) }
    @discardableResult func add(_ n: Int) -> Int {
        number.wrappingAdd(n, ordering: .sequentiallyConsistent).oldValue
    }
}
