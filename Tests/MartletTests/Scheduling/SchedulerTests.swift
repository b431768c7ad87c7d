import MartletSystem
import MartletCompute
import Synchronization
import MartletTestSupport
import Testing

@testable import Martlet

/// The queue without threads: each batch is taken and run by the test.
@Suite struct SchedulerTests {
    private func queue(capacity: Int = 100, clock: MonotonicClock = .system) -> Scheduler {
        Scheduler(capacity: capacity, threads: 1, clock: clock)
    }

    private func runAll(_ queue: Scheduler) {
        queue.close()
        while let turn = queue.nextAssignment(thread: 0) { queue.perform(turn) }
    }

    private func firsts(_ turn: Scheduler.Assignment?) -> [Int32] {
        turn?.batch?.jobs.map { $0.text.ids[0] } ?? []
    }

    @Test func resultsComeInTheOrderOfTheTexts() async throws {
        let queue = queue()
        let model = FakeModel()
        let a = try queue.submit([text(10, count: 3), text(20, count: 2)], to: model, FakeModel.reading)
        let b = try queue.submit([text(30)], to: model, FakeModel.reading)
        runAll(queue)
        #expect(try await a.value().rows == [[10, 11, 12], [20, 21]])
        #expect(try await b.value().rows == [[30]])
        // Both requests in one pass.
        #expect(model.batches.withLock { $0.count } == 1)
    }

    @Test func aBatchIsAtMostTheTokenBudgetUnlessOneTextIsLonger() throws {
        let queue = queue()
        let model = FakeModel(budget: 8)
        _ = try queue.submit(
            [text(1, count: 5), text(10, count: 4), text(20, count: 30), text(50, count: 2)], to: model,
            FakeModel.reading)
        runAll(queue)
        let sizes = model.batches.withLock { $0.map { $0.map(\.count) } }
        #expect(sizes == [[5], [4], [30], [2]])
    }

    @Test func theSameTextInFlightIsComputedOnce() async throws {
        let queue = queue()
        let model = FakeModel()
        let a = try queue.submit([text(1), text(2), text(1)], to: model, FakeModel.reading)
        let b = try queue.submit([text(2), text(3)], to: model, FakeModel.reading)
        #expect(queue.depth.waitingTexts == 3)
        // A text that is running is joined, too.
        let turn = try #require(queue.nextAssignment(thread: 0))
        let c = try queue.submit([text(3)], to: model, FakeModel.reading)
        #expect(queue.depth.waitingTexts == 0)
        queue.perform(turn)
        #expect(try await a.value().rows == [[1], [2], [1]])
        #expect(try await b.value().rows == [[2], [3]])
        #expect(try await c.value().rows == [[3]])
        // What is done is computed again: only the cache keeps results.
        let d = try queue.submit([text(3)], to: model, FakeModel.reading)
        runAll(queue)
        #expect(try await d.value().rows == [[3]])
        #expect(model.batches.withLock { $0.flatMap { $0 }.count } == 4)
    }

    @Test func aTextThatARequestHasManyTimesIsOneJob() async throws {
        let queue = queue()
        let model = FakeModel()
        let other = try queue.submit([text(1)], to: model, FakeModel.reading)
        let many = try queue.submit(
            [text(1), text(2), text(1), text(2), text(1)], to: model, FakeModel.reading)
        #expect(many.jobs.map(\.text.ids) == [[1], [2]])
        queue.cancel(many)
        #expect(queue.depth.waitingTexts == 1)
        runAll(queue)
        #expect(try await other.value().rows == [[1]])
    }

    /// A team of two that takes a second has taken two of threads' time.
    @Test func theTimeOfATeamIsThatOfItsThreads() throws {
        let clock = FakeClock()
        let queue = queue(clock: clock.clock)
        queue.monitor.withLock { $0.idleThreads = 1 }
        _ = try queue.submit([text(1, count: 6)], to: FakeModel(largestTeam: 2), FakeModel.reading)
        let turn = try #require(queue.nextAssignment(thread: 0))
        let call = try #require(queue.nextAssignment(thread: 1))
        let other = try POSIXThread { queue.perform(call) }
        clock.advance(1_000_000_000)
        queue.perform(turn)
        other.join()
        #expect(turn.team?.members == 2 && queue.depth.tokensPerSecond == 3)
    }

    @Test(arguments: [(1, 1, false), (2, 2, true), (4, 64, false), (64, 64, true), (8, 4, false)])
    func threadsStayOnCoresIfAllAreTheirs(
        threads: Int, cores: Int, stay: Bool
    ) {
        #expect(SchedulerThreads.stayOnCores(threads: threads, cores: cores) == stay)
        #expect(WorkerPool.affinityCores() >= WorkerPool.usableCores())
    }

    @Test func otherModelsAndReadingsAreNotTheSame() throws {
        let queue = queue()
        _ = try queue.submit([text(1)], to: FakeModel(1), FakeModel.reading)
        _ = try queue.submit([text(1)], to: FakeModel(2), FakeModel.reading)
        _ = try queue.submit([text(1)], to: FakeModel(2), FakeModel.broken)
        #expect(queue.depth.waitingTexts == 3)
    }

    @Test func aBatchHasTextsOfOneModelAndModelsTakeTurns() throws {
        let queue = queue()
        let (a, b) = (FakeModel(1, budget: 2), FakeModel(2, budget: 2))
        _ = try queue.submit((1...4).map { text($0) }, to: a, FakeModel.reading)
        _ = try queue.submit((11...14).map { text($0) }, to: b, FakeModel.reading)
        let batches = (1...3).map { _ in firsts(queue.nextAssignment(thread: 0)) }
        #expect(batches == [[1, 2], [11, 12], [3, 4]])
    }

    @Test func cancelledTextsAreNeverRun() async throws {
        let queue = queue()
        let model = FakeModel()
        let gone = try queue.submit([text(1), text(2)], to: model, FakeModel.reading)
        let stays = try queue.submit([text(2), text(3)], to: model, FakeModel.reading)
        queue.cancel(gone)
        #expect(queue.depth.waitingTexts == 2)
        runAll(queue)
        await #expect(throws: SchedulingError.cancelled) { try await gone.value() }
        #expect(try await stays.value().rows == [[2], [3]])
        #expect(model.batches.withLock { $0 } == [[[2], [3]]])
    }

    @Test func aRequestPastItsDeadlineLeavesTheQueue() async throws {
        let clock = FakeClock()
        let queue = queue(clock: clock.clock)
        let model = FakeModel()
        let late = try queue.submit([text(1), text(2)], to: model, FakeModel.reading, deadline: 10)
        let patient = try queue.submit([text(2)], to: model, FakeModel.reading, deadline: 1000)
        clock.advance(10)
        runAll(queue)
        await #expect(throws: SchedulingError.deadline) { try await late.value() }
        #expect(try await patient.value().rows == [[2]])
        #expect(model.batches.withLock { $0 } == [[[2]]])
    }

    /// The deadline is for waiting: a long request whose first texts have run goes on to its end.
    @Test func aRequestThatHasBegunHasNoDeadline() async throws {
        let clock = FakeClock()
        let queue = queue(clock: clock.clock)
        let model = FakeModel(budget: 2)
        let long = try queue.submit((1...4).map { text($0) }, to: model, FakeModel.reading, deadline: 10)
        let first = try #require(queue.nextAssignment(thread: 0))
        clock.advance(10)
        queue.perform(first)
        runAll(queue)
        #expect(try await long.value().rows == [[1], [2], [3], [4]])
    }

    /// The texts of some requests come in several submissions.
    @Test func aRequestHasBegunWithTheFirstOfItsSubmissions() async throws {
        let clock = FakeClock()
        let queue = queue(clock: clock.clock)
        let model = FakeModel(budget: 1)
        let request = Admission()
        let first = try queue.submit(
            [text(1)], to: model, FakeModel.reading, deadline: 10, admission: request)
        let second = try queue.submit(
            [text(2)], to: model, FakeModel.reading, deadline: 10, admission: request)
        let other = try queue.submit([text(3)], to: model, FakeModel.reading, deadline: 10)
        let turn = try #require(queue.nextAssignment(thread: 0))
        clock.advance(10)
        queue.perform(turn)
        let third = try queue.submit(
            [text(4)], to: model, FakeModel.reading, deadline: 10, admission: request)
        runAll(queue)
        #expect(try await first.value().rows == [[1]])
        #expect(try await second.value().rows == [[2]])
        #expect(try await third.value().rows == [[4]])
        await #expect(throws: SchedulingError.deadline) { try await other.value() }
    }

    @Test func aRequestInPartsIsRefusedWholeOrNotAtAll() throws {
        let queue = queue(capacity: 4)
        let model = FakeModel()
        let request = Admission()
        try queue.reserve(3, for: request)
        _ = try queue.submit([text(1)], to: model, FakeModel.reading, admission: request)
        #expect(queue.depth.waitingTexts == 1)
        // One is free, two are kept.
        #expect(throws: SchedulingError.full(retryAfter: 1)) {
            try queue.submit([text(2), text(3)], to: model, FakeModel.reading)
        }
        #expect(throws: SchedulingError.full(retryAfter: 1)) { try queue.reserve(2, for: Admission()) }
        _ = try queue.submit([text(4)], to: model, FakeModel.reading)
        _ = try queue.submit([text(5), text(6)], to: model, FakeModel.reading, admission: request)
        #expect(queue.depth.waitingTexts == 4)
        // No more than it asked for.
        #expect(throws: SchedulingError.full(retryAfter: 1)) {
            try queue.submit([text(7)], to: model, FakeModel.reading, admission: request)
        }
        runAll(queue)
        let unused = Admission()
        queue.monitor.withLock { $0.isClosed = false }
        try queue.reserve(4, for: unused)
        queue.release(unused)
        _ = try queue.submit((1...4).map { text($0) }, to: model, FakeModel.reading)
    }

    @Test func aFullQueueTakesNothing() throws {
        let queue = queue(capacity: 3)
        let model = FakeModel()
        _ = try queue.submit([text(1), text(2)], to: model, FakeModel.reading)
        #expect(throws: SchedulingError.full(retryAfter: 1)) {
            try queue.submit([text(3), text(4)], to: model, FakeModel.reading)
        }
        #expect(queue.depth.waitingTexts == 2)
        _ = try queue.submit([text(3)], to: model, FakeModel.reading)
    }

    @Test func whatIsNotFiniteIsAnErrorWithItsIndex() async throws {
        let queue = queue()
        let good = try queue.submit([text(1)], to: FakeModel(), FakeModel.reading)
        let bad = try queue.submit([text(1), text(2)], to: FakeModel(), FakeModel.broken)
        runAll(queue)
        #expect(try await good.value().rows == [[1]])
        await #expect(throws: SchedulingError.notFinite(index: 0)) { try await bad.value() }
    }

    @Test func aClosedQueueTakesNothingAndFinishesWhatItHas() async throws {
        let queue = queue()
        let model = FakeModel()
        let before = try queue.submit([text(1)], to: model, FakeModel.reading)
        runAll(queue)
        #expect(try await before.value().rows == [[1]])
        #expect(throws: SchedulingError.closed) { try queue.submit([text(2)], to: model, FakeModel.reading) }
    }

    /// What waits was cancelled, and the thread owes a batch that will never come: it leaves all the same.
    @Test func aThreadLeavesThoughNobodyWantsWhatWaits() throws {
        let queue = queue()
        let submission = try queue.submit([text(1)], to: FakeModel(), FakeModel.reading)
        #expect(queue.waitForWork())
        queue.cancel(submission)
        queue.leave()
        #expect(queue.nextAssignment(thread: 0) == nil)
        #expect(queue.monitor.withLock { $0.idleThreads } == 0)
    }

    /// A turn of the threads is not taken in vain: what waits is run before they leave.
    @Test func aTurnRunsABatchEvenIfOtherWorkWaits() async throws {
        let queue = queue()
        let submission = try queue.submit([text(1)], to: FakeModel(), FakeModel.reading)
        #expect(queue.waitForWork())
        queue.leave()
        queue.perform(try #require(queue.nextAssignment(thread: 0)))
        #expect(try await submission.value().rows == [[1]])
        #expect(queue.nextAssignment(thread: 0) == nil)
    }

    @Test func freeThreadsShareWhatWaits() throws {
        let queue = queue()
        let model = FakeModel(budget: 100)
        _ = try queue.submit((1...8).map { text($0) }, to: model, FakeModel.reading)
        queue.monitor.withLock { $0.idleThreads = 1 }
        // Two threads free: this one and another.
        #expect(firsts(queue.nextAssignment(thread: 0)) == [1, 2, 3, 4])
    }

    @Test func aTextAloneIsTakenByAllFreeThreads() throws {
        let queue = queue()
        let model = FakeModel(largestTeam: 2)
        queue.monitor.withLock { $0.idleThreads = 2 }
        _ = try queue.submit([text(1)], to: model, FakeModel.reading)
        let leader = try #require(queue.nextAssignment(thread: 4))
        #expect(leader.team?.size == 2 && firsts(leader) == [1])
        // One of the two is called and not free any more; any thread that comes takes its place.
        #expect(queue.monitor.withLock { $0.idleThreads } == 1)
        let other = try #require(queue.nextAssignment(thread: 5))
        #expect(other.batch == nil && other.team === leader.team)
        #expect(queue.monitor.withLock { $0.idleThreads } == 2)
    }

    /// A thread that was called and did not come until the text was done is free again.
    @Test func whoComesTooLateIsFreeAgain() throws {
        let queue = queue()
        queue.monitor.withLock { $0.idleThreads = 2 }
        let model = LoneModel()
        _ = try queue.submit([text(1)], to: model, FakeModel.reading)
        let leader = try #require(queue.nextAssignment(thread: 0))
        #expect(queue.monitor.withLock { $0.idleThreads } == 1)
        queue.perform(leader)
        #expect(queue.monitor.withLock { $0.idleThreads } == 2)
        #expect(queue.monitor.withLock { $0.calls.isEmpty })
        // The next texts are done alone, as if other programs had the cores.
        _ = try queue.submit([text(2)], to: model, FakeModel.reading)
        #expect(try #require(queue.nextAssignment(thread: 0)).team == nil)
    }

    @Test func severalTextsAndOtherModelsMakeNoTeam() throws {
        let queue = queue()
        queue.monitor.withLock { $0.idleThreads = 1 }
        _ = try queue.submit(
            [text(1), text(2)], to: FakeModel(1, budget: 1, largestTeam: 2), FakeModel.reading)
        #expect(try #require(queue.nextAssignment(thread: 0)).team == nil)
        #expect(try #require(queue.nextAssignment(thread: 0)).team?.size == 2)
        queue.monitor.withLock { $0.calls = [] }
        _ = try queue.submit([text(3)], to: FakeModel(2, largestTeam: 1), FakeModel.reading)
        #expect(try #require(queue.nextAssignment(thread: 0)).team == nil)
    }

    @Test func threadsFormTeamsAgainAndAgain() async throws {
        let queue = Scheduler(capacity: 100, threads: 3)
        let model = FakeModel(largestTeam: 3)
        let threads = try SchedulerThreads(queue, on: ComputeContext(threads: 3)) { _, _, _, _ in }
        for round in 0..<40 {
            // Alone, and two at a time, which may or may not find each other.
            let alone = try queue.submit([text(Int32(round))], to: model, FakeModel.reading)
            #expect(try await alone.value().rows == [[Float(round)]])
            let first = try queue.submit([text(1000)], to: model, FakeModel.reading)
            let second = try queue.submit([text(2000)], to: model, FakeModel.reading)
            #expect(try await first.value().rows == [[1000]])
            #expect(try await second.value().rows == [[2000]])
        }
        threads.stop()
        #expect(model.teams.withLock { $0.contains { $0 > 1 } })
    }
}

/// A model that takes no more than a moment, and no team.
private final class LoneModel: ScheduledModel {
    let serial = 7
    let tokenBudget = 8
    let largestTeam = 2

    func run(_ texts: [TokenizedText], thread: Int, team: Team?, each: (Int, ModelOutput) -> Void) {
        for (place, text) in texts.enumerated() {
            text.ids.map { Float($0) }.withUnsafeBufferPointer { each(place, .hidden($0)) }
        }
    }
}
