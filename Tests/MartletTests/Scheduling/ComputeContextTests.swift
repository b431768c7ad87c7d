import MartletCompute
import MartletMiniLM
import MartletSystem
import MartletTestSupport
import Synchronization
import Testing

@testable import Martlet

@Suite struct ComputeContextTests {
    @Test func modelsShareTheirThreads() throws {
        let first = try Embedder(.miniLM)
        let second = try Embedder(.miniLM, configuration: .init(precision: .f32))
        #expect(first.engine.pool === second.engine.pool)
        #expect(ComputeContext.shared == ComputeContext.shared)
        let third = try Embedder(.miniLM, configuration: .init(threads: 3))
        let fourth = try Embedder(.miniLM, configuration: .init(threads: 3))
        #expect(third.engine.pool === fourth.engine.pool && third.engine.pool !== first.engine.pool)
    }

    /// Every thread that ever works for two models is one of the context's: the caller's or the context's
    /// own.
    @Test func twoModelsWorkOnAsManyThreadsAsOne() throws {
        let context = try ComputeContext(threads: 2)
        let models = try (0..<2).map { _ in try Embedder(.miniLM, configuration: .init(context: context)) }
        let seen = Mutex(Set<pthread_t>())
        for model in models {
            model.engine.shareOut([Int](repeating: 4, count: 400)) { _, _, _ in
                seen.withLock { _ = $0.insert(pthread_self()) }
            }
        }
        #expect(seen.withLock { $0.count } <= 2)
    }

    @Test func aContextSaysHowManyThreadsThereAre() throws {
        let context = try ComputeContext(threads: 3)
        #expect(context.threads == 3)
        let embedder = try Embedder(.miniLM, configuration: .init(context: context))
        #expect(embedder.model.threads == 3)
        #expect(throws: MartletError.self) { try ComputeContext(threads: 0) }
        let error = #expect(throws: MartletError.self) {
            try Embedder(.miniLM, configuration: .init(threads: 2, context: context))
        }
        #expect(error?.message.contains("the compute context has 3") == true)
    }

    /// Requests, calls of the library and bulk work use the same two threads; everything ends, with the right
    /// results.
    @Test func requestsAndCallsTakeTurns() async throws {
        let context = try ComputeContext(threads: 2)
        let scheduler = Scheduler(capacity: 10_000, threads: 2)
        let model = FakeModel(budget: 4)
        let threads = try SchedulerThreads(scheduler, on: context) { _, _, _, _ in }
        defer { threads.stop() }
        let counted = Locked(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in [Lane.bulk, .interactive, .bulk] {
                group.addTask {
                    try await BlockingCalls.shared.run {
                        for _ in 0..<50 {
                            context.pool.run(40, lane: lane) { _, _ in counted.withLock { $0 += 1 } }
                        }
                    }
                }
            }
            for caller in 0..<4 {
                group.addTask {
                    for round in 0..<50 {
                        let id = Int32(caller * 1000 + round)
                        let submission = try scheduler.submit(
                            [text(id), text(id + 500)], to: model, FakeModel.reading)
                        #expect(try await submission.value().rows == [[Float(id)], [Float(id + 500)]])
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(counted.withLock { $0 } == 3 * 50 * 40)
    }
}
