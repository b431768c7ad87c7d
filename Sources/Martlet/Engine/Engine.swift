internal import MartletCompute
package import MartletModels
package import MartletTokenizers

/// One loaded model and the threads that run it. Calls block and take turns; `Embedder` is its face for async callers.
package final class Engine: Sendable {
    package let encoder: any Encoder
    package let tokenizer: Tokenizer
    package let pipeline: PipelineDescription
    package let info: ModelInfo
    let pool: WorkerPool
    let maxTokens: Int
    let planner: BatchPlanner
    let workers: Workers

    init(_ model: LoadedModel, pool: WorkerPool, maxBatchTokens: Int) {
        encoder = model.encoder
        tokenizer = model.tokenizer
        pipeline = model.pipeline
        maxTokens = model.info.maxTokens
        self.pool = pool
        planner = BatchPlanner(tokenBudget: maxBatchTokens, threads: pool.width)
        workers = Workers(count: pool.width)
        // Known before the first batch.
        let tokens = max(maxBatchTokens, model.info.maxTokens)
        let state = model.encoder.stateBytes(tokens: tokens, longest: model.info.maxTokens)
        let overhead = Worker.overhead(
            tokens: tokens, longest: model.info.maxTokens, model.pipeline, model.encoder.shape, model.tokenizer)
        var info = model.info
        let team = (Engine.largestTeam(of: pool) - 1) * model.encoder.memberBytes(longest: model.info.maxTokens)
        info.workingMemoryLimit = (state + overhead) * pool.width + team
        self.info = info
    }

    /// The most that all threads' working memory can grow to, in bytes.
    package var workingMemoryLimit: Int { info.workingMemoryLimit }

    /// Vectors of `texts`, in order. Blocks until they are computed.
    /// - Parameter before: Texts of the caller's sequence that came before these: errors count from its first.
    package func embed(_ texts: [String], role: TextRole?, _ options: EmbedOptions, before: Int = 0) throws(MartletError) -> Embeddings {
        let post = try PostProcessing(pipeline, hiddenSize: encoder.shape.hiddenSize, options: options)
        let tokens = try tokenize(texts, role: role, options, before: before)
        var floats = [Float](repeating: 0, count: texts.count * post.dimensions)
        floats.withUnsafeMutableBufferPointer { floats in
            // Each unit writes the rows of its own texts only.
            nonisolated(unsafe) let output = floats
            forward(tokens) { unit, worker in worker.finish(unit, tokens, post, into: output) }
        }
        let bad = floats.withUnsafeBufferPointer { PostProcessing.firstNonFinite($0, dimensions: post.dimensions) }
        if let bad = bad.map({ $0 + before }) {
            throw MartletError(
                .nonFinite,
                "text \(bad) gives a vector that is not finite; the model's weights may be damaged, or too large for \(info.precision)",
                inputIndex: bad)
        }
        return Embeddings(unchecked: floats, count: texts.count, dimensions: post.dimensions, usage: tokens.usage)
    }
}
