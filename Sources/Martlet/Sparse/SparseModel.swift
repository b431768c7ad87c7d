internal import MartletCompute
internal import MartletModels
internal import MartletTokenizers

/// A text as a sparse model takes it up.
package enum SparseInput: Sendable {
    /// Needs a forward pass: `SparseModel.forward`.
    case tokens(TokenizedText)
    /// Is done: no encoder reads texts of this role.
    case vector(SparseEmbedding, tokens: Int, isTruncated: Bool)
}

/// A loaded sparse model. Calls block; `SparseEmbedder` is its face for async callers.
package final class SparseModel: Sendable {
    /// How texts of a role become vectors.
    enum Way: Sendable {
        case encoder
        case statics(StaticWeights)
        case words(BM25, isQuery: Bool)
    }

    package let info: ModelInfo
    /// The encoder; nil where no role needs one.
    package let engine: Engine?
    let head: (any SparseHead)?
    let prompts: Prompts
    let ways: (query: Way, document: Way, unnamed: Way)
    private let pool: WorkerPool
    private let tokenizer: Tokenizer?
    private let maxActiveDimensions: Int?

    init(
        info: ModelInfo, engine: Engine?, head: (any SparseHead)?, prompts: Prompts,
        ways: (query: Way, document: Way, unnamed: Way),
        pool: WorkerPool, tokenizer: Tokenizer?, maxActiveDimensions: Int?
    ) {
        self.info = info
        self.engine = engine
        self.head = head
        self.prompts = prompts
        self.ways = ways
        self.pool = pool
        self.tokenizer = tokenizer
        self.maxActiveDimensions = maxActiveDimensions
    }

    package func token(at index: Int) -> String? { tokenizer?.token(id: index) }

    /// The words that dimensions are hashes of, for a text as `input` takes it up.
    package func words(of text: String, role: TextRole?, _ options: EmbedOptions) throws(MartletError)
        -> [Int: String]
    {
        let words: [String]
        switch way(role) {
        case .encoder:
            guard let engine, let head else { return [:] }
            words = head.words(of: try engine.tokenized(text, role: role, options).ids[...])
        case .words(let bm25, _): words = bm25.stemmed(WordSplitter.words((options.prompt ?? "") + text))
        case .statics: return [:]
        }
        return words.reduce(into: [:]) { $0[WordHash.index($1)] = $1 }
    }

    /// Sparse vectors of `texts`, in order. Blocks until they are computed.
    package func embed(_ texts: [String], role: TextRole?, _ options: EmbedOptions) throws(MartletError)
        -> SparseEmbeddings
    {
        try check(options)
        if case .encoder = way(role), let engine, let head {
            let tokens = try engine.tokenize(texts, role: role, options)
            if texts.isEmpty { return SparseEmbeddings([], usage: tokens.usage) }
            if head.vector(ofQuery: tokens.ids(of: 0)) != nil, isQuery(role) {
                let vectors = texts.indices.map {
                    head.vector(ofQuery: tokens.ids(of: $0)) ?? SparseEmbedding([:])
                }
                return SparseEmbeddings(vectors.map { cut($0, options) }, usage: tokens.usage)
            }
            let list = texts.indices.map { TokenizedText(ids: Array(tokens.ids(of: $0))) }
            var found = [SparseEmbedding?](repeating: nil, count: texts.count)
            found.withUnsafeMutableBufferPointer { found in
                // Each unit writes the places of its own texts only.
                nonisolated(unsafe) let found = found
                engine.forwardUnits(list, head.reduction) { indices, unit in
                    for (index, vector) in zip(indices, head.vectors(of: unit)) {
                        found[index] = vector.map { self.cut($0, options) }
                    }
                }
            }
            var vectors: [SparseEmbedding] = []
            vectors.reserveCapacity(texts.count)
            for (index, vector) in found.enumerated() {
                guard let vector, vector.isFinite else { throw notFinite(index) }
                vectors.append(vector)
            }
            return SparseEmbeddings(vectors, usage: tokens.usage)
        }
        return try withoutEncoder(texts, role, options)
    }

    private func withoutEncoder(_ texts: [String], _ role: TextRole?, _ options: EmbedOptions)
        throws(MartletError) -> SparseEmbeddings
    {
        let results = try pool.map(texts.count) { (index) throws(MartletError) in
            try self.input(texts[index], role: role, options, index)
        }
        var usage = Usage()
        var vectors: [SparseEmbedding] = []
        for (index, result) in results.enumerated() {
            guard case .vector(let vector, let tokens, let isTruncated) = result else { continue }
            vectors.append(vector)
            usage.tokens += tokens
            if isTruncated { usage.truncatedInputs.append(index) }
            if texts[index].unicodeScalars.allSatisfy(\.properties.isWhitespace) { usage.blankInputs += 1 }
        }
        return SparseEmbeddings(vectors, usage: usage)
    }

    // MARK: Text by text, for a queue of its own

    /// One text made ready on the calling thread.
    package func input(_ text: String, role: TextRole?, _ options: EmbedOptions, _ index: Int = 0)
        throws(MartletError) -> SparseInput
    {
        try check(options)
        switch way(role) {
        case .encoder:
            guard let engine, let head else {
                throw MartletError(.invalidModel, "\(info.name) has no encoder for this role")
            }
            let text = try engine.tokenized(text, role: role, options)
            if isQuery(role), let vector = head.vector(ofQuery: text.ids[...]) {
                return .vector(
                    cut(vector, options), tokens: text.ids.count, isTruncated: text.total > text.ids.count)
            }
            return .tokens(text)
        case .statics(let weights):
            let prompt = if let prompt = options.prompt { prompt } else { try prompts.text(for: role) }
            let (vector, tokens, total) = weights.vector(
                prompt + text, options.truncation, scratch: TokenizerScratch())
            if options.truncation == .error, total > tokens {
                throw MartletError(
                    .inputTooLong, text: index,
                    "has \(total) tokens and the model takes \(tokens); shorten it, or let it be truncated")
            }
            return .vector(cut(vector, options), tokens: tokens, isTruncated: total > tokens)
        case .words(let bm25, let isQuery):
            let (vector, words) = bm25.vector((options.prompt ?? "") + text, isQuery: isQuery)
            return .vector(cut(vector, options), tokens: words, isTruncated: false)
        }
    }

    /// One forward pass over `texts` on the calling thread, and their vectors, in order; nil: the states are
    /// not finite.
    package func forward(_ texts: [TokenizedText], on worker: Worker, _ options: EmbedOptions)
        -> [SparseEmbedding?]
    {
        guard let engine, let head else { return texts.map { _ in nil } }
        return engine.forward(texts, head.reduction, on: worker) { unit in
            head.vectors(of: unit).map { vector in
                vector.flatMap { $0.isFinite ? self.cut($0, options) : nil }
            }
        }
    }

    /// What stands for a nil of `forward`.
    package func notFinite(_ index: Int) -> MartletError {
        MartletError(
            .nonFinite, text: index,
            "gives a vector that is not finite; the model's weights may be damaged, or too large for \(info.precision)"
        )
    }

    private func way(_ role: TextRole?) -> Way {
        switch role?.kind {
        case .query: ways.query
        case .document: ways.document
        case .named, nil: ways.unnamed
        }
    }

    private func isQuery(_ role: TextRole?) -> Bool { role == .query }

    private func check(_ options: EmbedOptions) throws(MartletError) {
        try options.refuse(pooling: true, dimensions: true, of: "a sparse model")
        guard let limit = options.maxActiveDimensions, limit < 1 else { return }
        throw MartletError(.invalidOption, "at most \(limit) active dimensions: expected a number from 1 on")
    }

    private func cut(_ vector: SparseEmbedding, _ options: EmbedOptions) -> SparseEmbedding {
        guard let limit = options.maxActiveDimensions ?? maxActiveDimensions else { return vector }
        return vector.largest(limit)
    }
}
