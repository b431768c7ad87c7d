#if Server

import Martlet
import MartletMiniLM
import MartletSystem
import NIOCore
import NIOPosix
import Synchronization
import MartletTestSupport
import Testing

@testable import MartletServer

@Suite struct ModelStoreTests {
    /// Loads count, and fail while they are told to.
    private final class Loads: Sendable {
        let count = Mutex([String]())
        let broken = Mutex<Set<String>>([])
        /// What was in memory when a load began, and how many loads ran at the same time.
        let before = Mutex([[String]]())
        let running = Mutex((now: 0, most: 0))
        private let made = Mutex(Made())

        private struct Made {
            weak var store: ModelStore?
        }

        func store(
            _ limits: ModelStore.Limits = .init(), clock: Clock = .system, names: [String] = ["a", "b", "c"]
        ) -> ModelStore {
            let store = ModelStore(
                names.map { ModelEntry(name: $0, source: .miniLM) }, limits: limits, clock: clock
            ) {
                [self] (entry: ModelEntry) throws(MartletError) -> ServedModel in
                count.withLock { $0.append(entry.name) }
                let there = made.withLock { $0.store?.loadedModels.map(\.name) ?? [] }
                before.withLock { $0.append(there) }
                running.withLock {
                    $0.now += 1
                    $0.most = max($0.most, $0.now)
                }
                defer { running.withLock { $0.now -= 1 } }
                if broken.withLock({ $0.contains(entry.name) }) {
                    throw MartletError(.missingFile, "\(entry.name) is gone")
                }
                let embedder = try Embedder(entry.source, configuration: .init(threads: 1))
                return ServedModel(
                    name: entry.name, info: embedder.model, engine: embedder.engine, threads: 1,
                    loadDuration: 1)
            }
            made.withLock { $0.store = store }
            return store
        }
    }

    private func loaded(_ store: ModelStore) -> [String] { store.loadedModels.map(\.name) }

    @Test func modelsAreLoadedOnceWhenAskedFor() async throws {
        let loads = Loads()
        let store = loads.store()
        try await withThrowingTaskGroup { group in
            for _ in 0..<8 { group.addTask { try await store.withModel("b") { _ in } } }
            try await group.waitForAll()
        }
        #expect(loads.count.withLock { $0 } == ["b"] && loaded(store) == ["b"])
        try await store.withModel(nil) { #expect($0.name == "a") }
    }

    @Test func aBrokenModelIsAnErrorOfItsOwnUntilItIsMended() async throws {
        let loads = Loads()
        let store = loads.store()
        loads.broken.withLock { $0 = ["b"] }
        await #expect(throws: ServiceError.self) { try await store.load("b") }
        #expect(store.snapshot[1].failure?.code == .missingFile)
        try await store.load("a")
        loads.broken.withLock { $0 = [] }
        try await store.load("b")
        #expect(store.snapshot[1].failure == nil && loaded(store) == ["a", "b"])
    }

    @Test func theModelNotUsedForLongestMakesRoom() async throws {
        let clock = FakeClock()
        let store = Loads().store(.init(models: 2), clock: clock.clock)
        for name in ["a", "b", "a", "c"] {
            clock.advance(1)
            try await store.load(name)
        }
        #expect(loaded(store) == ["a", "c"])
        // Those in use stay.
        try await store.withModel("a") { _ in
            try await store.withModel("c") { _ in
                _ = await #expect(throws: ServiceError.self) { try await store.load("b") }
            }
        }
        #expect(loaded(store) == ["a", "c"])
    }

    @Test func memoryIsBounded() async throws {
        let one = Loads().store(names: ["a"])
        try await one.load("a")
        let bytes = try #require(one.loadedModels.first).bytes
        let store = Loads().store(.init(bytes: bytes * 2))
        for name in ["a", "b", "c"] { try await store.load(name) }
        #expect(loaded(store).count == 2)
        let tight = Loads().store(.init(bytes: bytes - 1))
        await #expect(throws: ServiceError.self) { try await tight.load("a") }
        #expect(loaded(tight) == [])
    }

    @Test func theModelThatMakesRoomGoesBeforeTheOtherComes() async throws {
        let loads = Loads()
        let store = loads.store(.init(models: 1))
        for name in ["a", "b"] { try await store.load(name) }
        #expect(loads.before.withLock { $0 } == [[], []] && loaded(store) == ["b"])
        // Nobody goes for a model that cannot be loaded, once that is known; nor is it loaded where nobody
        // can go.
        loads.broken.withLock { $0 = ["c"] }
        await #expect(throws: ServiceError.self) { try await store.load("c") }
        try await store.load("b")
        await #expect(throws: ServiceError.self) { try await store.load("c") }
        #expect(loaded(store) == ["b"])
        try await store.withModel("b") { _ in
            _ = await #expect(throws: ServiceError.self) { try await store.load("a") }
        }
        #expect(loads.count.withLock { $0 } == ["a", "b", "c", "b", "c"])
    }

    @Test func theSizeOfAModelThatWasLoadedIsKnown() async throws {
        let one = Loads().store(names: ["a"])
        try await one.load("a")
        let bytes = try #require(one.loadedModels.first).bytes
        let loads = Loads()
        let store = loads.store(.init(bytes: bytes))
        // Of "b" it is learned when it is there; "a" is known when it comes again.
        for name in ["a", "b", "a"] { try await store.load(name) }
        #expect(loads.before.withLock { $0 } == [[], ["a"], []])
        let clock = FakeClock()
        let small = Loads()
        let tight = small.store(.init(bytes: bytes - 1), clock: clock.clock)
        for _ in 0..<3 { await #expect(throws: ServiceError.self) { try await tight.load("a") } }
        #expect(small.count.withLock { $0 } == ["a"])
        clock.advance(ModelStore.patience)
        await #expect(throws: ServiceError.self) { try await tight.load("a") }
        #expect(small.count.withLock { $0 } == ["a", "a"])
    }

    @Test func modelsAreLoadedOneAtATimeWhereMemoryIsBounded() async throws {
        let loads = Loads()
        let names = (0..<6).map { "\($0)" }
        let store = loads.store(.init(models: 6), names: names)
        try await withThrowingTaskGroup { group in
            for name in names { group.addTask { try await store.load(name) } }
            try await group.waitForAll()
        }
        #expect(loads.running.withLock { $0.most } == 1 && loaded(store).count == 6)
    }

    @Test func theModelOfAKindIsLookedForWhereItMayBe() async throws {
        let clock = FakeClock()
        let loads = Loads()
        let store = loads.store(.init(models: 1), clock: clock.clock)
        loads.broken.withLock { $0 = ["b"] }
        // None of them scores: the first model says so. The one that is broken is not tried for each request.
        for _ in 0..<3 { try await store.withModel(nil, for: .scores) { #expect($0.name == "a") } }
        #expect(loads.count.withLock { $0.count { $0 == "b" } } == 1)
        clock.advance(ModelStore.patience)
        try await store.withModel(nil, for: .scores) { #expect($0.name == "a") }
        #expect(loads.count.withLock { $0.count { $0 == "b" } } == 2)
        // A model for which there is no room may be the one.
        let full = Loads().store(.init(models: 1))
        try await full.withModel("a") { _ in
            let error = await #expect(throws: ServiceError.self) {
                try await full.withModel(nil, for: .scores) { _ in }
            }
            #expect(error?.kind == .overloaded(retryAfter: 1))
        }
    }

    @Test func modelsThatNobodyUsesAreUnloaded() async throws {
        let clock = FakeClock()
        let store = Loads().store(.init(keepAlive: 10), clock: clock.clock)
        try await store.load("a")
        try await store.withModel("b", keepAlive: -1) { _ in }
        clock.advance(9_000_000_000)
        store.unloadExpired()
        #expect(loaded(store) == ["a", "b"])
        clock.advance(1_000_000_000)
        try await store.withModel("a") { _ in
            store.unloadExpired()
            #expect(loaded(store) == ["a", "b"])
        }
        clock.advance(10_000_000_000)
        store.unloadExpired()
        #expect(loaded(store) == ["b"])
        try await store.unload("b")
        #expect(loaded(store) == [])
    }

    /// Loading goes on when its model is removed, and ends with who waits for it.
    @Test func aModelThatIsRemovedWhileItLoadsIsNotKept() async throws {
        let gate = Gate()
        let store = ModelStore([ModelEntry(name: "a", source: .miniLM)], limits: .init()) {
            (entry: ModelEntry) throws(MartletError) -> ServedModel in
            gate.pass()
            let embedder = try Embedder(entry.source, configuration: .init(threads: 1))
            return ServedModel(
                name: entry.name, info: embedder.model, engine: embedder.engine, threads: 1, loadDuration: 1)
        }
        async let used = store.withModel("a") { $0.name }
        while true {
            if case .loading = store.snapshot[0].state { break }
            await Task.yield()
        }
        store.removeAll { $0.entry.name == "a" }
        gate.open()
        #expect(try await used == "a")
        #expect(loaded(store).isEmpty && store.names.isEmpty)
    }

    @Test func namesOfTheSameFilesShareASlot() async throws {
        let store = Loads().store(names: ["fixed"])
        let main = store.add(
            ModelEntry(name: "org/repo", aliases: ["repo-short"], source: .miniLM, path: "/cache/1/model"))
        #expect(
            store.add(
                ModelEntry(name: "repo-short", aliases: ["org/repo"], source: .miniLM, path: "/cache/1/model")
            ) == main)
        #expect(store.add(ModelEntry(name: "alias", source: .miniLM, path: "/cache/1/model")) == main)
        #expect(try await store.index(of: "alias") == main && store.names == ["fixed", "org/repo"])
        // Pulled again: other files from now on.
        let again = store.add(ModelEntry(name: "org/repo", source: .miniLM, path: "/cache/2/model"))
        #expect(again != main && store.names == ["fixed", "org/repo"])
        #expect(try await store.index(of: "org/repo") == again)
        // What the server was started with stays.
        #expect(
            store.add(ModelEntry(name: "fixed", source: .miniLM, path: "/cache/3")) == 0
                && store.snapshot[0].entry.path == nil)
    }

    /// Finding a model reads files: whoever asks on a loop of connections does not wait for them there.
    @Test func modelsAreFoundOffTheLoop() async throws {
        let executor = LoopExecutor(threads: 1)
        let store = ModelStore(
            [ModelEntry(name: "a", source: .miniLM)], limits: .init(),
            finder: { name in
                #expect(MultiThreadedEventLoopGroup.currentEventLoop == nil)
                return name == "b" ? ModelEntry(name: name, source: .miniLM) : nil
            },
            loader: { (entry: ModelEntry) throws(MartletError) -> ServedModel in
                throw MartletError(.missingFile, "none")
            })
        try await withTaskExecutorPreference(executor) { () async throws in
            #expect(MultiThreadedEventLoopGroup.currentEventLoop != nil)
            let found = try await store.index(of: "b")
            #expect(found == 1)
            await #expect(throws: ServiceError.self) { try await store.index(of: "c", for: nil) }
        }
        try await executor.loops.shutdownGracefully()
    }

    @Test func organisationsAreNotInterchangeable() {
        let entry = ModelEntry(name: "bge-small-en-v1.5", source: .miniLM)
        #expect(entry.matches("BAAI/bge-small-en-v1.5") && entry.matches("bge-small-en-v1.5:latest"))
        #expect(!entry.matches("somebody/bge-small-en-v1.5") && !entry.matches("BAAI/bge-base-en-v1.5"))
        #expect(ModelEntry(name: "acme/model", source: .miniLM).matches("Acme/Model"))
        #expect(!ModelEntry(name: "acme/model", source: .miniLM).matches("model"))
    }

    @Test(arguments: [
        "All-MiniLM-L6-V2", "all-minilm", "all-minilm:latest", "sentence-transformers/all-MiniLM-L6-v2",
    ]) func names(
        name: String
    ) {
        #expect(ModelEntry(name: "all-MiniLM-L6-v2", aliases: ["all-minilm"], source: .miniLM).matches(name))
        #expect(
            !ModelEntry(path: "models/bge.gguf").matches(name)
                && ModelEntry(path: "models/bge.gguf").matches("BGE:latest"))
    }
}

#endif
