internal import MartletCompute
internal import MartletJSON
internal import MartletModels
internal import MartletTokenizers
internal import MartletWeights

extension SparseModel {
    /// A model folder that makes sparse vectors.
    convenience init(
        _ source: ModelSource, _ configuration: ModelConfiguration, observer: LoadObserver = .none
    ) throws(MartletError) {
        guard case .path(let path) = source.place, ModelFolder(path: path).isFolder else {
            throw MartletError(
                .unsupportedModel,
                "sparse vectors need a model folder with config.json; a GGUF file has no head that makes them"
            )
        }
        let folder = ModelFolder(path: path)
        let sparse = try SparseFolder(folder)
        var encoders: [SparseFolder.Route] = []
        for route in sparse.routes where !encoders.contains(route) {
            if case .statics = route { continue }
            encoders.append(route)
        }
        guard encoders.count <= 1 else {
            throw .unsupported(
                folder.path, "queries and documents have an encoder each; one encoder is supported")
        }
        func way(_ route: SparseFolder.Route) throws(MartletError) -> Way {
            guard case .statics(let inner) = route else { return .encoder }
            return .statics(try StaticWeights(folder, inner))
        }
        let ways = (
            query: try way(sparse.query), document: try way(sparse.document), unnamed: try way(sparse.unnamed)
        )
        guard let encoder = encoders.first else {
            try self.init(folder, statics: ways, sparse.maxActiveDimensions, configuration)
            return
        }
        let purpose: ModelLoader.Purpose =
            if case .maskedLM(let inner, _) = encoder { .head(encoderFolder: inner, task: "fill-mask") } else
            {
                .head(encoderFolder: "", task: "feature-extraction")
            }
        let (engine, head) = try ModelLoader(configuration, observer: observer).load(source, for: purpose) {
            (files, kernels) throws(MartletError) in
            try Self.head(encoder, files, kernels, configuration.precision.chosen(for: kernels))
        }
        var info = engine.info
        info.describe(head, tokens: max(engine.tokenBudget, info.maxTokens))
        if case .statics(let weights) = ways.query {
            info.notes.append("queries: \(weights.description), without the encoder")
        }
        if case .statics(let weights) = ways.document {
            info.notes.append("documents: \(weights.description), without the encoder")
        }
        self.init(
            info: info, engine: engine, head: head, prompts: engine.pipeline.prompts, ways: ways,
            pool: engine.pool,
            tokenizer: engine.tokenizer, maxActiveDimensions: sparse.maxActiveDimensions)
    }

    private static func head(
        _ route: SparseFolder.Route, _ files: ModelFiles, _ kernels: Kernels, _ precision: ComputePrecision
    ) throws(MartletError) -> any SparseHead {
        guard let (place, config) = files.folder else {
            throw MartletError(.unsupportedModel, "sparse vectors need a model folder with config.json")
        }
        if case .maskedLM(_, let pooling) = route {
            let head = try wrapping { () throws(ModelError) in
                try MaskedLMHead(
                    configuration: .object(config.object), file: config.path, weights: files.weights,
                    weightFile: files.weightFile,
                    precision: precision, kernels: kernels)
            }
            return SpladeHead(head: head, pooling: pooling)
        }
        return try LexicalHead(place, hiddenSize: files.hiddenSize, kernels)
    }

    /// A model of static weights alone.
    private convenience init(
        _ folder: ModelFolder, statics ways: (query: Way, document: Way, unnamed: Way),
        _ maxActiveDimensions: Int?,
        _ configuration: ModelConfiguration
    ) throws(MartletError) {
        guard case .statics(let weights) = ways.unnamed else {
            throw .malformed(folder.path, "has no module that makes vectors")
        }
        let context = try ComputeContext(configuration)
        var info = ModelInfo()
        info.kind = .sparse
        info.name = folder.path.split(separator: "/").last.map(String.init) ?? folder.path
        info.path = folder.path
        info.architecture = "static"
        info.vocabularySize = weights.tokenizer.vocabularySize
        info.parameters = weights.weights.count
        info.dimensions = weights.weights.count
        info.maxTokens = weights.maxTokens ?? Int(Int32.max)
        info.similarity = .dot
        info.tokenizer = weights.tokenizer.kind
        info.precision = ComputePrecision.f32.rawValue
        info.threads = context.threads
        info.pipeline = weights.description
        let pipeline = try PipelineDescription(headIn: folder, encoderFolder: "", task: "feature-extraction")
        info.prompts = pipeline.prompts.dictionary
        info.defaultPromptName = pipeline.prompts.defaultName
        self.init(
            info: info, engine: nil, head: nil, prompts: pipeline.prompts, ways: ways, pool: context.pool,
            tokenizer: weights.tokenizer, maxActiveDimensions: maxActiveDimensions)
    }
}

extension SparseModel {
    /// No model at all: words and how often they stand in a text.
    convenience init(_ bm25: BM25, threads: Int?) throws(MartletError) {
        try bm25.check()
        let context = try ComputeContext(ModelConfiguration(threads: threads))
        var info = ModelInfo()
        info.kind = .sparse
        info.name = "bm25"
        info.architecture = "bm25"
        info.maxTokens = Int(Int32.max)
        info.dimensions = 1 << 31
        info.similarity = .dot
        info.tokenizer = "words, lowercase"
        info.precision = ComputePrecision.f32.rawValue
        info.threads = context.threads
        let stems = bm25.stems ? " → English stems" : ""
        info.pipeline =
            "words → stop words left out\(stems) → BM25(k \(bm25.k), b \(bm25.b), average length \(bm25.averageLength)) → hash"
        info.notes = [
            "queries: 1 for each word; the index that is searched multiplies by how rare a word is (IDF)"
        ]
        self.init(
            info: info, engine: nil, head: nil, prompts: Prompts(),
            ways: (
                query: .words(bm25, isQuery: true), document: .words(bm25, isQuery: false),
                unnamed: .words(bm25, isQuery: false)
            ),
            pool: context.pool, tokenizer: nil, maxActiveDimensions: nil)
    }

    /// BM42: the attention of an encoder's first token, as the weight of words.
    convenience init(_ bm42: BM42, _ source: ModelSource, _ configuration: ModelConfiguration)
        throws(MartletError)
    {
        guard bm42.alpha > 0, bm42.alpha.isFinite else {
            throw MartletError(.invalidOption, "BM42 with alpha \(bm42.alpha): expected more than 0")
        }
        let purpose = ModelLoader.Purpose.head(encoderFolder: "", task: "feature-extraction")
        let (engine, stopWords) = try ModelLoader(configuration).load(source, for: purpose) {
            (files, _) throws(MartletError) -> Set<String>? in
            if let words = bm42.stopWords { return words }
            guard let place = files.folder?.place else { return nil }
            return try BM42Head.stopWords(place)
        }
        guard engine.encoder.givesAttentionOfFirstToken, engine.tokenizer.kind.hasPrefix("WordPiece") else {
            throw .unsupported(
                engine.info.path,
                "BM42 needs a WordPiece tokenizer and attention of every token to every other, as BERT's")
        }
        let head = BM42Head(engine, stopWords: stopWords ?? EnglishStopWords.all, alpha: bm42.alpha)
        var info = engine.info
        info.describe(head, tokens: max(engine.tokenBudget, info.maxTokens))
        info.notes.append(
            "queries: 1 for each word, without the encoder; the index that is searched multiplies by how rare a word is (IDF)"
        )
        self.init(
            info: info, engine: engine, head: head, prompts: engine.pipeline.prompts,
            ways: (query: .encoder, document: .encoder, unnamed: .encoder),
            pool: engine.pool, tokenizer: nil, maxActiveDimensions: nil)
    }
}

extension ModelInfo {
    /// What a sparse head makes of an encoder.
    fileprivate mutating func describe(_ head: any SparseHead, tokens: Int) {
        kind = .sparse
        pooling = []
        normalizes = false
        dimensions = head.dimensions
        parameters += head.parameters
        workingMemoryLimit += head.scratchBytes(tokens: tokens) * threads
        pipeline = "\(tokenizer) → \(encoderText) → \(head.description)"
    }
}
