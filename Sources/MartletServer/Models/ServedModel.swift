#if Server

internal import Martlet
internal import MartletCompute
internal import MartletModels
internal import MartletSystem
internal import MartletTokenizers
import Synchronization

/// A loaded model and the working memory that each of the queue's threads has for it.
final class ServedModel: ScheduledModel {
    let serial: Int
    let name: String
    let info: ModelInfo
    /// Nil for a sparse model that looks its weights up, or counts words.
    let engine: Engine?
    /// The library's face of a model that gives vectors: its identity, its prompts, its token counts.
    let embedder: Embedder?
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
        /// The same by a model that batches its own calls: one of the user's own, or one in the context of a
        /// corpus.
        case own(any EmbeddingModel<Embeddings>)
        case scores(any TextScorer)
        case sparse(any SparseReader)
        case multiVectors(any MultiVectorReader)
    }

    init(
        name: String, info: ModelInfo, engine: Engine?, embedder: Embedder? = nil, part: Part = .vectors,
        threads: Int,
        loadDuration: UInt64
    ) {
        self.embedder = embedder
        serial = Self.count.wrappingAdd(1, ordering: .relaxed).newValue
        self.name = name
        self.loadDuration = loadDuration
        self.info = info
        self.engine = engine
        self.part = part
        loadedAt = WallClock.now().seconds
        let bits = ["int4": 4, "int8": 8, "bf16": 16][info.precision, default: 32]
        bytes = info.parameters * bits / 8 + info.workingMemoryLimit
        workers = ThreadWorkers(engine, count: threads)
    }

    var tokenBudget: Int { engine?.tokenBudget ?? 1 }

    var largestTeam: Int {
        if case .sparse = part { return 1 }
        return engine?.largestTeam ?? 1
    }

    func run(_ texts: [TokenizedText], thread: Int, team: Team?, each: (Int, ModelOutput) -> Void) {
        // Without an encoder no text comes here.
        guard let engine, let worker = workers[thread] else { return }
        guard case .sparse(let reader) = part else {
            return engine.forward(texts, on: worker, team: team) { each($0, .hidden($1)) }
        }
        for (place, row) in reader.rows(of: texts, on: worker).enumerated() {
            each(place, .sparse(row))
        }
    }
}

/// One worker for each thread of the queue. `@unchecked`: no two threads use the same number at once.
private final class ThreadWorkers: @unchecked Sendable {
    private let workers: [Worker]
    init(_ engine: Engine?, count: Int) {
        workers = engine.map { engine in (0..<count).map { _ in engine.makeWorker() } } ?? []
    }
    subscript(thread: Int) -> Worker? { workers.isEmpty ? nil : workers[thread] }
}

extension ServedModel {
    /// - Throws: If the model gives something else.
    func requireVectors() throws(ServiceError) -> Engine {
        switch part {
        case .vectors: return try requireEngine()
        case .own:
            throw ServiceError(
                .wrongModel,
                "model \(name) gives vectors of texts alone: its tokens are not known here; name another model",
                parameter: "model")
        default: break
        }
        throw ServiceError(
            .wrongModel, "model \(name) gives \(product.rawValue), not vectors of texts; name another model",
            parameter: "model")
    }

    func requireScorer() throws(ServiceError) -> any TextScorer {
        if case .scores(let scorer) = part { return scorer }
        throw ServiceError(
            .wrongModel,
            "model \(name) gives \(product.rawValue), not scores; name a reranker or a classifier",
            parameter: "model")
    }

    func requireSparseReader() throws(ServiceError) -> any SparseReader {
        if case .sparse(let reader) = part { return reader }
        throw ServiceError(
            .wrongModel, "model \(name) gives \(product.rawValue), not sparse vectors; name a sparse model",
            parameter: "model")
    }

    func requireMultiVectorReader() throws(ServiceError) -> any MultiVectorReader {
        if case .multiVectors(let reader) = part { return reader }
        throw ServiceError(
            .wrongModel,
            "model \(name) gives \(product.rawValue), not a vector for each token; name a model of late interaction",
            parameter: "model")
    }

    /// The encoder with its tokenizer.
    func requireEngine() throws(ServiceError) -> Engine {
        if let engine { return engine }
        throw ServiceError(
            .wrongModel, "model \(name) has no encoder, and no token ids; name another model",
            parameter: "model")
    }

    /// What a model makes of a text.
    enum Product: String, Sendable {
        case vectors
        case scores
        case sparse = "sparse vectors"
        case multiVectors = "vectors of tokens"
    }

    var product: Product {
        switch part {
        case .vectors, .own: .vectors
        case .scores: .scores
        case .sparse: .sparse
        case .multiVectors: .multiVectors
        }
    }

    /// Whether its scores are one number, to rank by, rather than one for each of several labels.
    var isReranker: Bool {
        guard case .scores(let scorer) = part else { return false }
        return scorer.labelNames.count == 1
    }

    /// What clients may use it for, in words of one list: Ollama's `embedding`, and Martlet's for what Ollama
    /// has not.
    var capabilities: [String] {
        switch part {
        case .vectors, .own: ["embedding"]
        case .scores: [isReranker ? "rerank" : "classify"]
        case .sparse: ["sparse"]
        case .multiVectors: ["multi-vector"]
        }
    }
}

#endif
