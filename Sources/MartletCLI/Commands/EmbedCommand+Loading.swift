#if Command

import Martlet
import MartletData

extension EmbedCommand {
    private func checkDimensions(_ info: ModelInfo) throws {
        let most = max(info.dimensions, info.mostDimensions)
        if let dimensions = text.dimensions, dimensions > most {
            throw CommandError.usage("--dimensions \(dimensions): the model has \(most); ask for fewer")
        }
    }

    func load(_ kind: EmbeddingKind, _ quantizer: RowQuantizer) throws -> LoadedEngine {
        let (role, options) = (text.textRole, text.embedOptions)
        switch kind {
        case .dense:
            let embedder = try model.load()
            try checkDimensions(embedder.model)
            if givesTokens {
                return LoadedEngine(
                    info: embedder.model, identity: embedder.identity.ofTokens,
                    processor: TokenEngine(embedder: embedder, role: role, options: options))
            }
            return LoadedEngine(
                info: embedder.model, identity: try embedder.identity(of: options),
                processor: DenseEngine(embedder: embedder, role: role, options: options, quantizer: quantizer)
            )
        case .sparse:
            let embedder = try model.loadSparse(model.model, self.kind.method)
            let options = EmbedOptions(
                maxActiveDimensions: self.kind.maxActiveDims, truncation: text.truncate, prompt: text.prompt)
            return LoadedEngine(
                info: embedder.model, identity: embedder.identity,
                processor: SparseEngine(
                    embedder: embedder, role: role, options: options, namesTokens: self.kind.tokens))
        case .multi:
            let embedder = try model.loadMulti(model.model)
            let options = EmbedOptions(truncation: text.truncate, prompt: text.prompt)
            return LoadedEngine(
                info: embedder.model, identity: embedder.identity,
                processor: MultiVectorEngine(embedder: embedder, role: role, options: options))
        }
    }

    /// The sample of the corpus; nil where the model reads none. A model that does needs one, and the others
    /// take none.
    func corpusPlan(_ kind: EmbeddingKind, _ input: InputPlan) throws -> InputPlan? {
        let isContextual =
            try kind == .dense && model.model.map { try ModelName.source($0).isContextual() } ?? false
        guard let plan = try corpus.plan(field: self.input.field) else {
            if isContextual {
                throw CommandError.usage(
                    "\(model.model ?? "the model") embeds texts in the context of a corpus: name a file with a sample of its documents, one a "
                        + "line or JSONL, with --corpus-sample")
            }
            return nil
        }
        guard isContextual else {
            throw CommandError.usage(
                "--corpus-sample is for models that read a corpus, such as cde-small-v1; drop it, or name one with --model"
            )
        }
        if plan.readsStandardInput, input.readsStandardInput {
            throw CommandError.usage("standard input is named more than once")
        }
        return plan
    }

    func loadContextual(_ plan: InputPlan, _ quantizer: RowQuantizer) async throws -> LoadedEngine {
        let embedder = try model.loadContextual(model.model ?? "")
        let sample = try plan.readAll()
        if sample.count != embedder.sampleSize, !verbosity.quiet {
            Console.note(
                "the corpus sample has \(sample.count) documents, the model takes \(embedder.sampleSize): "
                    + (sample.count < embedder.sampleSize
                        ? "they are repeated" : "so many are used, evenly spread"))
        }
        let context: CorpusContext
        do {
            context = try await embedder.corpus(
                sample.map(\.text), options: EmbedOptions(truncation: text.truncate))
        } catch let error as MartletError {
            throw CommandError((error.inputIndex.map { "\(sample[$0].place): " } ?? "") + error.message)
        }
        try checkDimensions(embedder.model)
        let corpus = try embedder.model(in: context)
        return LoadedEngine(
            info: embedder.model, identity: try corpus.identity(of: text.embedOptions),
            processor: ContextualEngine(
                embedder: corpus, role: text.textRole, options: text.embedOptions, quantizer: quantizer))
    }
}

#endif
