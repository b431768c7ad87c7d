import Martlet

/// Scores documents for one query, by whatever the model gives.
struct Scorer {
    private enum Way {
        case pairs(Reranker, query: String, RerankOptions)
        case tokens(MultiVectorEmbedder, query: MultiVectorEmbedding, EmbedOptions)
        case vectors(Embedder, query: Embeddings, EmbedOptions)
    }
    private let way: Way

    init(_ model: OpenModel, query: String, options: RerankOptions) throws {
        if case .relevance(let reranker) = model.model {
            way = .pairs(reranker, query: query, options)
            return
        }
        guard options.activation == .native, options.instruction == nil else {
            throw CallError.option(
                "activation and instruction are for rerankers; \(model.info.name) scores by its vectors")
        }
        let embed = EmbedOptions(truncation: options.truncation)
        switch model.model {
        case .multiVector(let embedder):
            way = .tokens(
                embedder, query: try embedder.embedBlocking([query], as: .query, options: embed)[0], embed)
        case .dense(let embedder):
            way = .vectors(
                embedder, query: try embedder.embedBlocking([query], as: .query, options: embed), embed)
        default: throw CallError.kind(model.info, is: "scores, or vectors to compare")
        }
    }

    /// A score for each document, and what they took.
    func scores(of documents: [String]) throws -> ([Float], Usage) {
        switch way {
        case .pairs(let reranker, let query, let options):
            let found = try reranker.scoresBlocking(of: documents, for: query, options: options)
            return (found.values, found.usage)
        case .tokens(let embedder, let query, let options):
            let found = try embedder.embedBlocking(documents, as: .document, options: options)
            var scores = [Float](repeating: 0, count: documents.count)
            for match in try embedder.rank(found, for: query) { scores[match.index] = match.score }
            return (scores, found.usage)
        case .vectors(let embedder, let query, let options):
            let found = try embedder.embedBlocking(documents, as: .document, options: options)
            return (try query.similarities(to: found, by: embedder.model.similarity).values, found.usage)
        }
    }
}
