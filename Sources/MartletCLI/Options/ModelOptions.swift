#if Command

import ArgumentParser
import Martlet

extension Precision: ExpressibleByArgument {}
extension InstructionSet: ExpressibleByArgument {}
extension TruncationPolicy: ExpressibleByArgument {}
extension OutputPrecision: ExpressibleByArgument {}

/// Which model, and how it computes. `embed` has a wider choice of pooling than the other commands.
struct ModelOptions<Choice: PoolingChoice>: ParsableArguments {
    @Option(
        name: [.short, .long], help: ArgumentHelp("\(ModelName.help)", valueName: "model"),
        completion: .file())
    var model: String?

    @Option(help: Choice.help)
    var pooling: Choice = .native

    @Option(help: "Arithmetic of the matrix products; auto is the fastest that stays close to f32.")
    var precision: Precision = .auto

    @Option(
        help: ArgumentHelp("Threads. Default: one for each core that the process may use.", valueName: "n"))
    var threads: Int?

    @Option(name: .customLong("isa"), help: "SIMD kernels. Default: the best that this CPU has.")
    var instructionSet: InstructionSet?

    @Option(
        help: ArgumentHelp("The most tokens of a text, in place of the model's own limit.", valueName: "n"))
    var maxTokens: Int?

    @Option(
        help: ArgumentHelp(
            "Add the adapter for a task to the weights, such as retrieval.query of jina-embeddings-v3; inspect lists a model's.",
            valueName: "name"))
    var task: String?

    @Option(help: ArgumentHelp("Tokens in one forward pass of a thread.", valueName: "n"))
    var maxBatchTokens: Int?

    @Flag(
        name: .customLong("no-cache"),
        help: "Do not keep packed weights on disk, nor use those that are kept.")
    var skipsWeightCache = false

    var weightCache: WeightCache { skipsWeightCache ? .off : .automatic }

    func validate() throws {
        if let threads, !(1...1024).contains(threads) {
            throw CommandError.usage("--threads \(threads): expected 1 to 1024")
        }
        if let maxTokens, maxTokens < 1 {
            throw CommandError.usage("--max-tokens \(maxTokens): expected at least 1")
        }
        if let maxBatchTokens, maxBatchTokens < 1 {
            throw CommandError.usage("--max-batch-tokens \(maxBatchTokens): expected at least 1")
        }
    }

    func load() throws -> Embedder { try load(model) }

    func load(_ path: String?) throws -> Embedder {
        guard let pooling = pooling.pooling else { return try loadUnpooled(path) }
        return try load(path, pooling)
    }

    /// No text is pooled, so a model whose files do not say how is as good as any.
    private func loadUnpooled(_ path: String?) throws -> Embedder {
        do {
            return try load(path, .native)
        } catch {
            guard let embedder = try? load(path, .mean) else { throw error }
            return embedder
        }
    }

    private func load(_ path: String?, _ pooling: Pooling) throws -> Embedder {
        guard let path else { return try DefaultModel.embedder(configuration(pooling)) }
        return try Embedder(ModelName.source(path), configuration: configuration(pooling))
    }

    func loadSparse(_ path: String?, _ method: SparseMethod) throws -> SparseEmbedder {
        switch method {
        case .native: try SparseEmbedder(ModelName.source(path), configuration: configuration())
        case .bm25: try loadWords()
        case .bm42: try SparseEmbedder(BM42(), of: ModelName.source(path), configuration: configuration())
        }
    }

    /// BM25 has no model, so what says how one computes has no meaning.
    private func loadWords() throws -> SparseEmbedder {
        let given: [(name: String, isGiven: Bool)] = [
            ("--task", task != nil), ("--precision", precision != .auto), ("--isa", instructionSet != nil),
            ("--max-tokens", maxTokens != nil), ("--max-batch-tokens", maxBatchTokens != nil),
            ("--pooling", pooling.pooling != .native),
        ]
        let names = given.filter(\.isGiven).map(\.name)
        guard names.isEmpty else {
            throw CommandError.usage(
                "\(names.joined(separator: ", ")): of use to a model alone, and --method bm25 has none; drop "
                    + (names.count == 1 ? "it" : "them"))
        }
        return try SparseEmbedder(BM25(), threads: threads)
    }

    func loadMulti(_ path: String?) throws -> MultiVectorEmbedder {
        try MultiVectorEmbedder(ModelName.source(path), configuration: configuration())
    }

    /// A model that reads a corpus. Without a tokenizer of its own it has BERT's, uncased, which the built-in
    /// model has, too.
    func loadContextual(_ path: String) throws -> ContextualEmbedder {
        guard let pooling = pooling.pooling, pooling == .native || pooling == .mean else {
            throw CommandError.usage(
                "--pooling: a model that reads a corpus takes the mean of a text's tokens; drop it")
        }
        return try ContextualEmbedder(
            ModelName.source(path), tokenizer: DefaultModel.source, configuration: configuration())
    }

    func configuration(_ pooling: Pooling = .native) -> ModelConfiguration {
        ModelConfiguration(
            threads: threads, precision: precision, instructionSet: instructionSet,
            maxBatchTokens: maxBatchTokens, pooling: pooling,
            maxTokens: maxTokens, task: task, weightCache: weightCache)
    }

    /// How a second model computes beside the first, whose limit and task are not its own.
    var configurationOfSecondModel: ModelConfiguration {
        var second = configuration()
        (second.maxTokens, second.task) = (nil, nil)
        return second
    }
}

#endif
