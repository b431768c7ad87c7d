#if Command

import ArgumentParser
import Martlet
import MartletIndex

/// A second model that orders the best hits of a search.
struct SearchRerankOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Order the best hits by a cross-encoder or a late-interaction model.", valueName: "model"),
        completion: .file())
    var rerank: String?

    @Option(help: ArgumentHelp("Hits that the second model reads. Default: 50.", valueName: "n"))
    var rerankCount: Int?

    @Option(
        help: ArgumentHelp(
            "Milliseconds that the second model may take: it reads as many hits as fit, from the best.",
            valueName: "ms"))
    var rerankBudget: Int?

    func validate() throws {
        if rerank == nil, rerankCount != nil || rerankBudget != nil {
            throw CommandError.usage(
                "\(rerankCount != nil ? "--rerank-count" : "--rerank-budget") is for a second model; name it with --rerank"
            )
        }
        if let rerankCount, !(1...10_000).contains(rerankCount) {
            throw CommandError.usage("--rerank-count \(rerankCount): expected 1 to 10000")
        }
        if let rerankBudget, !(1...3_600_000).contains(rerankBudget) {
            throw CommandError.usage("--rerank-budget \(rerankBudget): expected 1 to 3600000")
        }
    }

    /// How hits are reranked; nil: they are not.
    var reranking: HitReranking? {
        guard rerank != nil else { return nil }
        return HitReranking(
            count: rerankCount ?? 50, budget: rerankBudget.map { .milliseconds($0) })
    }

    /// The second model, with threads and precision as the first one's.
    func load(_ model: ModelOptions<Pooling>) throws -> any RelevanceModel {
        guard let rerank else { throw CommandError.usage("--rerank is missing") }
        let source = try ModelName.source(rerank)
        let configuration = model.configurationOfSecondModel
        if try EmbeddingKind.of(source) == .multi {
            return try MultiVectorEmbedder(source, configuration: configuration)
        }
        return try Reranker(source, configuration: configuration)
    }
}

#endif
