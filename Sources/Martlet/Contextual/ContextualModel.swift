internal import MartletModels

/// A loaded model of two stages. Calls block; `ContextualEmbedder` is its face for async callers.
package final class ContextualModel: Sendable {
    package let info: ModelInfo
    /// Documents of a context.
    package let sampleSize: Int
    /// From a document of the sample to a row of the context.
    let first: Engine
    /// From a text after a context to its vector.
    let second: Engine
    /// What stands between the context's documents and the text, [soft tokens × hidden].
    private let soft: [Float]

    init(info: ModelInfo, sampleSize: Int, first: Engine, second: Engine, soft: [Float]) {
        self.info = info
        self.sampleSize = sampleSize
        self.first = first
        self.second = second
        self.soft = soft
    }

    /// Which documents of a sample of `count` are used: all of them, or as many as a context has, evenly
    /// spread.
    package func chosen(of count: Int) -> [Int] {
        count <= sampleSize ? Array(0..<count) : (0..<sampleSize).map { $0 * count / sampleSize }
    }

    /// The context of a corpus. Blocks until it is computed.
    package func corpus(_ sample: [String], _ options: EmbedOptions) throws(MartletError) -> CorpusContext {
        guard !sample.isEmpty else {
            throw MartletError(
                .invalidInput,
                "the sample of the corpus is empty; give \(sampleSize) of its documents, or fewer, which are then repeated"
            )
        }
        try check(options)
        let chosen = chosen(of: sample.count)
        let vectors: Embeddings
        do throws(MartletError) {
            // The first stage's vectors are rows of the second's input: neither cut nor scaled.
            var options = options
            (options.dimensions, options.normalize) = (nil, nil)
            vectors = try first.embed(chosen.map { sample[$0] }, role: .document, options)
        } catch {
            guard let index = error.inputIndex, chosen.indices.contains(index) else { throw error }
            throw error.about(.sampledDocument, at: chosen[index])
        }
        return context(vectors, sampleCount: sample.count)
    }

    /// The context of vectors that the first stage made earlier.
    package func context(of vectors: Embeddings) throws(MartletError) -> CorpusContext {
        guard vectors.dimensions == first.encoder.shape.hiddenSize, (1...sampleSize).contains(vectors.count)
        else {
            throw MartletError(
                .invalidInput,
                "\(vectors.count) vectors of \(vectors.dimensions) dimensions are no context of this model: it takes 1 to \(sampleSize) of "
                    + "\(first.encoder.shape.hiddenSize)")
        }
        if let bad = vectors.floats.withUnsafeBufferPointer({
            PostProcessing.firstNonFinite($0, dimensions: vectors.dimensions)
        }) {
            throw MartletError(.nonFinite, "vector \(bad) of the context is not finite", inputIndex: bad)
        }
        return context(vectors, sampleCount: vectors.count)
    }

    /// A context has as many documents as the model was trained with; those of a smaller sample are repeated
    /// in turn.
    private func context(_ vectors: Embeddings, sampleCount: Int) -> CorpusContext {
        var floats: [Float] = []
        floats.reserveCapacity(sampleSize * vectors.dimensions + soft.count)
        for row in 0..<sampleSize { floats += vectors[row % vectors.count] }
        floats += soft
        return CorpusContext(
            vectors: vectors, sampleCount: sampleCount, rows: ContextRows(floats, count: second.contextTokens)
        )
    }

    /// Vectors of `texts` in a context, in order. Blocks until they are computed.
    package func embed(
        _ texts: [String], in context: CorpusContext, role: TextRole?, _ options: EmbedOptions,
        identity: ModelIdentity? = nil
    ) throws(MartletError) -> Embeddings {
        try check(options)
        return try second.embed(texts, role: role, options, context: context.rows, identity: identity)
    }

    /// - Throws: If the context is another model's.
    package func require(_ context: CorpusContext) throws(MartletError) {
        guard context.rows.count == second.contextTokens,
            context.rows.width == second.encoder.shape.hiddenSize
        else {
            throw MartletError(
                .invalidInput,
                "the context has \(context.rows.count) rows of \(context.rows.width) dimensions, and this model's \(second.contextTokens) of "
                    + "\(second.encoder.shape.hiddenSize): it is another model's")
        }
    }

    private func check(_ options: EmbedOptions) throws(MartletError) {
        guard options.pooling == .native || options.pooling == .mean else {
            throw MartletError(
                .invalidOption,
                "pooling \(options.pooling.rawValue): a contextual model takes the mean of a text's tokens")
        }
    }
}
