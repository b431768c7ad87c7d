internal import Martlet
internal import MartletHub

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// From an entry to a model: the files say whether it gives vectors or scores.
struct ModelLoading: Sendable {
    let compute: EmbedderConfiguration
    let threads: Int
    let clock: Clock
    let hub: Hub

    func load(_ entry: ModelEntry) throws(MartletError) -> ServedModel {
        let start = clock.now()
        let source = try source(of: entry)
        func served(_ info: ModelInfo, _ engine: Engine, _ part: ServedModel.Part) -> ServedModel {
            ServedModel(name: entry.name, info: info, engine: engine, part: part, threads: threads, loadDuration: clock.now() &- start)
        }
        do throws(MartletError) {
            let embedder = try Embedder(source, compute)
            return served(embedder.model, embedder.engine, .vectors)
        } catch {
            // Pooling is said for vectors; a model that scores has none.
            var compute = compute
            compute.pooling = .native
            guard error.code != .missingFile, error.code != .io, let classifier = try? Classifier(source, compute) else { throw error }
            return served(classifier.info, classifier.engine, .scores(ClassifierScorer(classifier: classifier)))
        }
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

    func numbers(of hidden: UnsafeBufferPointer<Float>, tokens: Int) -> [Float] { classifier.logits(of: hidden, tokens: tokens) }

    func scores(_ numbers: [Float], isRaw: Bool) -> [Float] {
        classifier.predictions(numbers, RerankOptions(activation: isRaw ? .raw : .native)).map(\.score)
    }
}
