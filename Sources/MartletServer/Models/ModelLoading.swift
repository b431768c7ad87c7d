#if Server

internal import Martlet
internal import MartletHub
internal import MartletSystem

/// From an entry to a loaded model with the parts that the queue needs.
struct ModelLoading: Sendable {
    let compute: ModelConfiguration
    let threads: Int
    let clock: Clock
    let hub: Hub
    /// The path of a file with a sample of the corpus, for models that read one.
    var corpusSample: String?

    func load(_ entry: ModelEntry) throws(MartletError) -> ServedModel {
        let start = clock.now()
        func served(
            _ info: ModelInfo, engine: Engine?, embedder: Embedder? = nil, part: ServedModel.Part
        ) -> ServedModel {
            ServedModel(
                name: entry.name, info: info, engine: engine, embedder: embedder, part: part,
                threads: threads, loadDuration: clock.now() &- start)
        }
        func sparse(_ embedder: SparseEmbedder) -> ServedModel {
            let reader = SparseModelReader(model: embedder.core, identity: embedder.identity)
            return served(embedder.model, engine: embedder.core.engine, part: .sparse(reader))
        }
        if let own = entry.own { return served(ModelInfo(of: own), engine: nil, part: .own(own)) }
        // A model of no file.
        if entry.isBM25 { return sparse(try SparseEmbedder(BM25(), threads: 1)) }
        var compute = compute
        if let task = entry.task { compute.task = task }
        switch try LoadedModel.loadBlocking(try source(of: entry), configuration: compute) {
        case .dense(let embedder) where embedder.hasRoutes:
            // Its roles have encoders of their own: it batches its own calls.
            return served(embedder.model, engine: nil, embedder: embedder, part: .own(embedder))
        case .dense(let embedder):
            return served(embedder.model, engine: embedder.engine, embedder: embedder, part: .vectors)
        case .sparse(let embedder):
            return sparse(embedder)
        case .multiVector(let embedder):
            let part = ServedModel.Part.multiVectors(TokenVectorReader(model: embedder.core))
            return served(embedder.model, engine: embedder.core.engine, part: part)
        case .contextual(let embedder):
            let context = try embedder.corpusBlocking(try corpusTexts(for: entry))
            return served(embedder.model, engine: nil, part: .own(try embedder.model(in: context)))
        case .relevance(let reranker):
            let part = ServedModel.Part.scores(ClassifierScorer(classifier: reranker.classifier))
            return served(reranker.model, engine: reranker.classifier.engine, part: part)
        }
    }

    /// Finds a model and reads what it is, without its weights.
    func check(_ entry: ModelEntry) throws(MartletError) {
        if !entry.isBM25, entry.own == nil { _ = try EmbeddingKind.of(try source(of: entry)) }
    }

    /// The documents of the corpus sample, one a line.
    private func corpusTexts(for entry: ModelEntry) throws(MartletError) -> [String] {
        guard let corpusSample else {
            throw MartletError(
                .invalidOption,
                "\(entry.name) embeds texts in the context of a corpus: name a file with a sample of its documents, one a line, with the "
                    + "setting corpus-sample")
        }
        let file: MappedFile
        do throws(FileError) { file = try MappedFile(path: corpusSample) } catch {
            throw MartletError(.io, error.message, file: corpusSample)
        }
        let text = file.region.withUnsafeBytes { String(validating: $0, as: UTF8.self) }
        guard let text else {
            throw MartletError(.invalidInput, "the corpus sample is not UTF-8", file: corpusSample)
        }
        return text.split(whereSeparator: \.isNewline).map(String.init)
    }

    /// A path that is not there may be the name of a model in the cache.
    private func source(of entry: ModelEntry) throws(MartletError) -> ModelSource {
        guard let path = entry.path, access(path, F_OK) != 0 else { return entry.source }
        do throws(HubError) {
            return try hub.require(path).source
        } catch {
            throw MartletError(
                .missingFile,
                "there is no model at \(path); pass a model folder, a GGUF file, or the name of a model in the cache "
                    + "(\(error.message))", file: path)
        }
    }
}

extension ModelInfo {
    /// What is known of a model of somebody's own.
    fileprivate init(of model: any EmbeddingModel<Embeddings>) {
        let space = model.identity.space
        self.init()
        name = space.model
        architecture = "own"
        dimensions = space.dimensions
        maxTokens = model.limits.maxTokens ?? Int(Int32.max)
        precision = model.identity.computation.precision
        normalizes = space.isNormalized
    }
}

/// A classifier of the library in the server's terms.
struct ClassifierScorer: TextScorer {
    let classifier: Classifier

    var labelNames: [String] { classifier.settings.labels }

    func tokens(of input: ScorerInput, _ truncation: TruncationPolicy) throws(MartletError) -> TokenizedText {
        let options = RerankOptions(truncation: truncation)
        switch input {
        case .text(let text): return try classifier.tokenized(.text(text), options)
        case .pair(let first, let second): return try classifier.tokenized(.pair(first, second), options)
        }
    }

    func numbers(of hidden: UnsafeBufferPointer<Float>, tokens: Int) -> [Float] {
        classifier.logits(of: hidden)
    }

    func scores(_ numbers: [Float], isRaw: Bool) -> [Float] {
        // A single score lies between 0 and 1, as these routes' clients expect, whatever the model's own
        // configuration says.
        let activation: ScoreActivation = isRaw ? .raw : labelNames.count == 1 ? .sigmoid : .native
        return classifier.predictions(numbers, RerankOptions(activation: activation)).map(\.score)
    }
}

/// A model of late interaction of the library in the server's terms.
struct TokenVectorReader: MultiVectorReader {
    let model: LateInteractionModel

    var dimensions: Int { model.info.dimensions }

    func prepare(_ text: String, isQuery: Bool, _ options: EmbedOptions) throws(MartletError) -> (
        text: TokenizedText, isTruncated: Bool
    ) {
        let input = try model.input(
            text, role: isQuery ? .query : .document,
            EmbedOptions(truncation: options.truncation, prompt: options.prompt))
        return (input.text, input.isTruncated)
    }

    func vectors(of hidden: UnsafeBufferPointer<Float>, _ text: TokenizedText, isQuery: Bool) -> [Float] {
        model.vectors(of: hidden, ids: text.ids, isQuery: isQuery)
    }
}

/// A sparse model of the library in the server's terms.
struct SparseModelReader: SparseReader {
    let model: SparseModel
    let identity: ModelIdentity?

    func prepare(_ text: String, _ role: TextRole?, _ options: EmbedOptions) throws(MartletError)
        -> SparseText
    {
        switch try model.input(
            text, role: role, EmbedOptions(truncation: options.truncation, prompt: options.prompt))
        {
        case .tokens(let tokens): return .tokens(tokens)
        case .vector(let vector, let tokens, let isTruncated):
            return .row(vector, tokens: tokens, isTruncated: isTruncated)
        }
    }

    func rows(of texts: [TokenizedText], on worker: Worker) -> [SparseEmbedding?] {
        model.forward(texts, on: worker, EmbedOptions())
    }
}

#endif
