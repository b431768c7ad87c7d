public import Martlet
import MartletTokenizers

extension Embedder {
    /// The vectors of chunks, each of its own tokens but made with the text around them in view: late
    /// chunking (Günther et al. 2024, arXiv:2409.04701).
    ///
    /// The model reads the whole text once, and then the tokens of each chunk are pooled. A text that is
    /// longer than the model takes is read in windows of whole chunks, so memory is bounded by the window;
    /// each repeats up to `context` tokens of the one before. It is meant for models that pool by a mean and
    /// take long texts. Special tokens and the prompt are part of no chunk.
    /// - Parameters:
    ///   - chunks: What a ``Chunker`` of this module made of the document, measured for this model.
    ///   - document: The document.
    ///   - role: Query or document, for models with a prompt for each.
    ///   - options: Pooling, dimensions, normalisation and prompt; truncation has no meaning here.
    ///   - context: Tokens of the window before that a window repeats. Nil: a quarter of what the model
    ///     takes.
    /// - Returns: One vector a chunk, in order, and the tokens that all windows have.
    /// - Throws: ``ChunkingError`` if the model does not pool by a mean or maximum, or if a chunk is too long
    ///   for it or only white space;
    ///   `MartletError`; `CancellationError`.
    public func embedLate(
        _ chunks: [Chunk], of document: Document, as role: TextRole? = .document,
        options: EmbedOptions = .init(),
        context: Int? = nil
    ) async throws -> Embeddings {
        let plan = try LatePlan(chunks, of: document, for: self, as: role, options: options, context: context)
        var vectors = LateVectors(plan)
        for window in plan.windows {
            let tokens = try await tokenVectors(
                of: plan.source.text(in: window.range), as: role, options: plan.tokenOptions)
            try vectors.add(tokens, of: window)
        }
        return vectors.embeddings
    }

    /// As ``embedLate(_:of:as:options:context:)``, on the calling thread and the embedder's own. It blocks:
    /// do not call it from a task.
    public func embedLateBlocking(
        _ chunks: [Chunk], of document: Document, as role: TextRole? = .document,
        options: EmbedOptions = .init(),
        context: Int? = nil
    ) throws -> Embeddings {
        let plan = try LatePlan(chunks, of: document, for: self, as: role, options: options, context: context)
        var vectors = LateVectors(plan)
        for window in plan.windows {
            try vectors.add(
                tokenVectorsBlocking(
                    of: plan.source.text(in: window.range), as: role, options: plan.tokenOptions), of: window)
        }
        return vectors.embeddings
    }
}

/// What is known before the first pass.
private struct LatePlan {
    let source: SourceText
    /// Each chunk's bytes of `source`.
    let spans: [Range<Int>]
    let windows: [LateWindow]
    let counter: ModelTokenCounter
    let post: PostProcessing
    /// What a call for the tokens' vectors takes of the options: they are pooled and cut here.
    let tokenOptions: EmbedOptions
    let identity: ModelIdentity

    init(
        _ chunks: [Chunk], of document: Document, for embedder: Embedder, as role: TextRole?,
        options: EmbedOptions, context: Int?
    ) throws {
        let engine = try embedder.engine(for: role).engine
        let pipeline = engine.pipeline
        guard pipeline.tokens == nil else {
            throw ChunkingError(
                .unsupportedModel,
                "late chunking needs a model that reads a text's tokens together, and this one is static: "
                    + "embed the chunks"
            )
        }
        post = try PostProcessing(pipeline, hiddenSize: engine.info.hiddenSize, options: options)
        tokenOptions = EmbedOptions(truncation: options.truncation, prompt: options.prompt)
        identity = post.identity(from: embedder.identity)
        for mode in post.modes.map(\.pooling) where ![.mean, .max, .meanSqrtLen].contains(mode) {
            throw ChunkingError(
                .unsupportedModel,
                "late chunking pools the tokens of a chunk, and this model's pooling is \(mode.rawValue), which "
                    + "reads one place of the whole text; take a model with mean pooling, or ask for the mean"
            )
        }
        counter = try embedder.tokenCounter(as: role, prompt: options.prompt)
        let limit = counter.maxTokens
        let repeated = context ?? limit / 4
        guard 0..<limit ~= repeated else {
            throw ChunkingError(
                .invalidOption,
                "a context of \(repeated) tokens: expected 0 to less than the \(limit) that the model takes")
        }
        (source, spans) = try Self.text(of: chunks, document)
        let sizes = counter.measure(source.string)
        windows = try LateWindows.windows(spans, limit: limit, context: repeated) { sizes.tokens(in: $0) }
    }

    /// The text to read: the document, or where chunks have other text than it, their texts joined.
    private static func text(of chunks: [Chunk], _ document: Document) throws(ChunkingError) -> (
        SourceText, [Range<Int>]
    ) {
        let source = SourceText(document.text)
        var end = 0
        var isOfDocument = true
        for chunk in chunks {
            guard chunk.range.lowerBound + chunk.overlap == end, chunk.range.upperBound <= source.count else {
                throw ChunkingError(
                    .invalidOption, "chunk \(chunk.index) does not follow the one before in this document")
            }
            end = chunk.range.upperBound
            isOfDocument = isOfDocument && source.bytes[chunk.range].elementsEqual(chunk.text.utf8)
        }
        if isOfDocument { return (source, chunks.map(\.range)) }
        guard chunks.allSatisfy({ $0.overlap == 0 }) else {
            throw ChunkingError(
                .invalidOption,
                "late chunking gives each chunk its context by itself: make chunks of markup without overlap")
        }
        var spans: [Range<Int>] = []
        var start = 0
        for chunk in chunks {
            spans.append(start..<start + chunk.text.utf8.count)
            start += chunk.text.utf8.count
        }
        return (SourceText(chunks.map(\.text).joined()), spans)
    }
}

/// Collects the vectors of chunks, window by window.
private struct LateVectors {
    private let plan: LatePlan
    private var floats: [Float] = []
    private var usage = Usage()

    init(_ plan: LatePlan) { self.plan = plan }

    var embeddings: Embeddings {
        Embeddings(
            unchecked: floats, count: plan.spans.count, dimensions: plan.post.dimensions, usage: usage,
            identity: plan.identity)
    }

    /// - Parameter tokens: The vectors of all tokens of the window's text.
    mutating func add(_ tokens: TokenVectors, of window: LateWindow) throws(ChunkingError) {
        usage.tokens += tokens.ids.count
        let starts = tokenStarts(window, tokens.ids.count)
        let width = tokens.vectors.dimensions
        for index in window.chunks {
            let span = plan.spans[index]
            let own = starts.indices.filter { starts[$0].map(span.contains) ?? false }
            guard let first = own.first, let last = own.last else {
                throw ChunkingError(
                    .invalidOption, "chunk \(index) has no tokens, so no vector; leave it out",
                    offset: span.lowerBound)
            }
            tokens.vectors.floats.withUnsafeBufferPointer { vectors in
                let rows = UnsafeBufferPointer(rebasing: vectors[first * width..<(last + 1) * width])
                floats += plan.post.vector(of: rows, tokens: last + 1 - first, promptTokens: 0)
            }
        }
    }

    /// The byte of the text that each token begins with; nil for the prompt's and special tokens.
    private func tokenStarts(_ window: LateWindow, _ count: Int) -> [Int?] {
        let prompt = plan.counter.prompt.count
        let text = String(decoding: plan.counter.prompt, as: UTF8.self) + plan.source.text(in: window.range)
        let encoding = plan.counter.tokenizer.encode(text, withOffsets: true)
        guard let offsets = encoding.offsets, let texts = encoding.textIndices, offsets.count == count else {
            return []
        }
        return zip(offsets, texts).map { offset, text in
            text < 0 || offset.lowerBound < prompt
                ? nil : offset.lowerBound - prompt + window.range.lowerBound
        }
    }
}
