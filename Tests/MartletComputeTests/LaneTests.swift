import MartletSystem
import Synchronization
import Testing

@testable import MartletCompute

@Suite struct LaneTests {
    /// A bulk job is in the middle of its indices when an interactive one comes: that one runs next, and then
    /// the rest.
    @Test func interactiveWorkOvertakesBulkWork() throws {
        let pool = WorkerPool(width: 2)
        let order = Mutex<[String]>([])
        let (hasBegun, mayGoOn) = (Monitor(false), Monitor(false))
        let bulk = try POSIXThread {
            pool.run(40, lane: .bulk) { index, _ in
                if index >= 3 {
                    hasBegun.withLock { $0 = true }
                    hasBegun.signal()
                    mayGoOn.waiting { $0 ? () : nil }
                }
                order.withLock { $0.append("bulk \(index)") }
            }
        }
        hasBegun.waiting { $0 ? () : nil }
        let interactive = try POSIXThread {
            pool.run(1, lane: .interactive) { _, _ in order.withLock { $0.append("interactive") } }
        }
        while !pool.isInteractiveWaiting {}
        mayGoOn.withLock { $0 = true }
        mayGoOn.broadcast()
        bulk.join()
        interactive.join()
        let events = order.withLock { $0 }
        let place = try #require(events.firstIndex(of: "interactive"))
        #expect(place < 40, "it came last of \(events.count)")
        #expect(Set(events).count == 41 && events.count == 41)
    }

    /// Interactive jobs without a break leave bulk work one turn in four.
    @Test func bulkWorkIsNotStarved() throws {
        let line = TurnLine()
        line.take(.bulk)
        let order = Mutex<[Lane]>([])
        var threads: [POSIXThread] = []
        for lane in [Lane.bulk, .bulk] + [Lane](repeating: .interactive, count: 6) {
            let before = line.waiting
            threads.append(
                try POSIXThread {
                    line.take(lane)
                    order.withLock { $0.append(lane) }
                    line.giveBack()
                })
            while line.waiting == before {}
        }
        line.giveBack()
        for thread in threads { thread.join() }
        let three = [Lane](repeating: .interactive, count: 3)
        #expect(order.withLock { $0 } == three + [.bulk] + three + [.bulk])
    }

    /// What holds the threads until it is asked is asked by who comes.
    @Test func theHolderIsAsked() throws {
        let pool = WorkerPool(width: 2)
        let (hasBegun, isAsked) = (Monitor(false), Monitor(false))
        let asked: @Sendable () -> Void = {
            isAsked.withLock { $0 = true }
            isAsked.broadcast()
        }
        let resident = try POSIXThread {
            pool.run(2, lane: .interactive, whenAsked: asked) { _, _ in
                hasBegun.withLock { $0 = true }
                hasBegun.signal()
                isAsked.waiting { $0 ? () : nil }
            }
        }
        hasBegun.waiting { $0 ? () : nil }
        var count = 0
        pool.run(1, lane: .bulk) { _, _ in count += 1 }
        resident.join()
        #expect(count == 1)
        #expect(isAsked.withLock { $0 })
    }
}
