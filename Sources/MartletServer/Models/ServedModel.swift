internal import Martlet
internal import MartletModels
internal import MartletTokenizers
import Synchronization

/// A loaded model and the working memory that each of the queue's threads has for it.
final class ServedModel: QueueModel {
    let serial: Int
    let name: String
    let info: ModelInfo
    let engine: Engine
    /// Bytes that weights and working memory take together, at most.
    let bytes: Int
    /// Seconds since 1970.
    let loadedAt: Int
    /// Nanoseconds that loading took.
    let loadDuration: UInt64
    private let workers: ThreadWorkers
    private static let count = Atomic<Int>(0)
    /// Requests that hold it now.
    let users = Atomic<Int>(0)

    init(name: String, embedder: Embedder, threads: Int, loadDuration: UInt64) {
        serial = Self.count.wrappingAdd(1, ordering: .relaxed).newValue
        self.name = name
        self.loadDuration = loadDuration
        info = embedder.model
        engine = embedder.engine
        loadedAt = WallClock.now().seconds
        let perParameter = info.precision == "int8" ? 1 : info.precision == "bf16" ? 2 : 4
        bytes = info.parameters * perParameter + info.workingMemoryLimit
        workers = ThreadWorkers(engine, count: threads)
    }

    var tokenBudget: Int { engine.tokenBudget }

    func run(_ texts: [TokenizedText], thread: Int, each: (Int, UnsafeBufferPointer<Float>) -> Void) {
        engine.forward(texts, on: workers[thread], each: each)
    }
}

/// One worker for each thread of the queue. `@unchecked`: no two threads use the same number at once.
private final class ThreadWorkers: @unchecked Sendable {
    private let workers: [Worker]
    init(_ engine: Engine, count: Int) { workers = (0..<count).map { _ in engine.makeWorker() } }
    subscript(thread: Int) -> Worker { workers[thread] }
}
