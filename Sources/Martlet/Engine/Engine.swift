internal import MartletCompute
package import MartletModels
package import MartletTokenizers

/// One loaded model and the threads that run it. Calls block and take turns; `Embedder` is its face for async
/// callers.
package final class Engine: Sendable {
    package let encoder: any Encoder
    package let tokenizer: Tokenizer
    package let pipeline: PipelineDescription
    package let info: ModelInfo
    let pool: WorkerPool
    let maxTokens: Int
    /// Tokens that stand before every text in a forward pass with a context; 0: the model takes none.
    let contextTokens: Int
    let planner: BatchPlanner
    /// The largest batch of a forward pass.
    let largest: BatchLimit
    let workers: Workers
    /// The beginnings of texts that a causal model keeps; nil: it is not one.
    let prefixes: PrefixCache?

    init(_ model: ModelParts, pool: WorkerPool, maxBatchTokens: Int, contextTokens: Int = 0) {
        encoder = model.encoder
        tokenizer = model.tokenizer
        pipeline = model.pipeline
        maxTokens = model.info.maxTokens
        self.contextTokens = contextTokens
        self.pool = pool
        planner = BatchPlanner(tokenBudget: maxBatchTokens, threads: pool.width)
        // Known before the first batch.
        let longest = model.info.maxTokens + contextTokens
        largest = BatchLimit(tokens: max(maxBatchTokens, longest), longest: longest)
        let prefixes = model.encoder.keepsPrefixes ? PrefixCache() : nil
        self.prefixes = prefixes
        workers = Workers(count: pool.width, model.encoder, for: largest, prefixes: prefixes)
        let session = model.encoder.sessionBytes(for: largest)
        let overhead = Worker.overhead(for: largest, model.pipeline, model.encoder.shape, model.tokenizer)
        var info = model.info
        let others = Engine.largestTeam(of: pool) - 1
        // A team that was held up leaves its session's memory behind until the last member is out of it.
        let team = others == 0 ? 0 : session + 2 * others * model.encoder.memberBytes(longest: longest)
        let prefix = model.encoder.prefixBytes(tokens: PrefixCache.mostTokens)
        let kept = prefixes == nil ? 0 : PrefixCache.mostBytes(ofEach: prefix, made: pool.width)
        info.workingMemoryLimit = (session + overhead) * pool.width + team + kept
        self.info = info
    }

    /// The most that all threads' working memory can grow to, in bytes.
    package var workingMemoryLimit: Int { info.workingMemoryLimit }

    /// Vectors of `texts`, in order. Blocks until they are computed.
    /// - Parameters:
    ///   - context: Rows that precede every text and have no part in pooling: `contextTokens` of them.
    ///   - identity: The model's, with its own options; nil: the vectors get none.
    package func embed(
        _ texts: [String], role: TextRole?, _ options: EmbedOptions, context: ContextRows? = nil,
        identity: ModelIdentity? = nil
    ) throws(MartletError) -> Embeddings {
        try options.refuse(activeDimensions: true, of: "a dense model")
        precondition(context?.count ?? 0 == contextTokens, "a context of \(contextTokens) rows is expected")
        let post = try PostProcessing(pipeline, hiddenSize: encoder.shape.hiddenSize, options: options)
        let tokens = try tokenize(texts, role: role, options)
        var floats = [Float](repeating: 0, count: texts.count * post.dimensions)
        floats.withUnsafeMutableBufferPointer { floats in
            // Each unit writes the rows of its own texts only.
            nonisolated(unsafe) let output = floats
            let reduction = Reduction.pooled(post.modes, skip: post.includePrompt ? 0 : tokens.promptTokens)
            forward(tokens, after: context, reduction: reduction) { unit, _, encoded in
                post.finish(encoded.rows, of: unit, into: output)
            }
        }
        let bad = floats.withUnsafeBufferPointer {
            PostProcessing.firstNonFinite($0, dimensions: post.dimensions)
        }
        if let bad {
            // The largest of no numbers is minus infinity.
            let isPromptAlone =
                post.modes.contains(.max) && !post.includePrompt && tokens.lengths[bad] <= tokens.promptTokens
            throw MartletError(
                .nonFinite, text: bad,
                isPromptAlone
                    ? "has no tokens but those of the prompt, which pooling leaves out, so that max pooling has no vector for it"
                    : "gives a vector that is not finite; the model's weights may be damaged, or too large for \(info.precision)"
            )
        }
        return Embeddings(
            unchecked: floats, count: texts.count, dimensions: post.dimensions, usage: tokens.usage,
            identity: options.keepSpace ? identity : identity.map { post.identity(from: $0) })
    }
}
