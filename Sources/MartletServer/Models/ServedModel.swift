internal import Martlet
internal import MartletCompute
internal import MartletModels
internal import MartletTokenizers
import Synchronization

/// A loaded model and the working memory that each of the queue's threads has for it.
final class ServedModel: QueueModel {
    let serial: Int
    let name: String
    let info: ModelInfo
    let engine: Engine
    /// What it makes of a text beside, or in place of, a vector.
    let part: Part
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

    enum Part: Sendable {
        /// A vector alone.
        case vectors
        case scores(any TextScorer)
        case sparse(any SparseReader)
    }

    init(name: String, info: ModelInfo, engine: Engine, part: Part = .vectors, threads: Int, loadDuration: UInt64) {
        serial = Self.count.wrappingAdd(1, ordering: .relaxed).newValue
        self.name = name
        self.loadDuration = loadDuration
        self.info = info
        self.engine = engine
        self.part = part
        loadedAt = WallClock.now().seconds
        let perParameter = info.precision == "int8" ? 1 : info.precision == "bf16" ? 2 : 4
        bytes = info.parameters * perParameter + info.workingMemoryLimit
        workers = ThreadWorkers(engine, count: threads)
    }

    var tokenBudget: Int { engine.tokenBudget }

    var largestTeam: Int {
        if case .sparse = part { return 1 }
        return engine.largestTeam
    }

    func run(_ texts: [TokenizedText], thread: Int, _ member: TeamMember, each: (Int, UnsafeBufferPointer<Float>) -> Void) {
        guard case .sparse(let reader) = part else { return engine.forward(texts, on: workers[thread], member, each: each) }
        for (place, row) in reader.rows(of: texts, on: workers[thread]).enumerated() {
            PackedSparse.pack(row).withUnsafeBufferPointer { each(place, $0) }
        }
    }
}

/// One worker for each thread of the queue. `@unchecked`: no two threads use the same number at once, but for those of a team.
private final class ThreadWorkers: @unchecked Sendable {
    private let workers: [Worker]
    init(_ engine: Engine, count: Int) { workers = (0..<count).map { _ in engine.makeWorker() } }
    subscript(thread: Int) -> Worker { workers[thread] }
}

extension ServedModel {
    /// - Throws: If the model gives scores alone.
    func requireVectors() throws(ServiceError) {
        if case .vectors = part { return }
        throw ServiceError(
            .wrongModel, "model \(name) gives \(product.rawValue), not vectors of texts; name another model", parameter: "model")
    }

    func requireScorer() throws(ServiceError) -> any TextScorer {
        if case .scores(let scorer) = part { return scorer }
        throw ServiceError(
            .wrongModel, "model \(name) gives \(product.rawValue), not scores; name a reranker or a classifier", parameter: "model")
    }

    func requireSparseReader() throws(ServiceError) -> any SparseReader {
        if case .sparse(let reader) = part { return reader }
        throw ServiceError(
            .wrongModel, "model \(name) gives \(product.rawValue), not sparse vectors; name a sparse model", parameter: "model")
    }

    /// What a model makes of a text.
    enum Product: String, Sendable {
        case vectors
        case scores
        case sparse = "sparse vectors"
    }

    var product: Product {
        switch part {
        case .vectors: .vectors
        case .scores: .scores
        case .sparse: .sparse
        }
    }
}
