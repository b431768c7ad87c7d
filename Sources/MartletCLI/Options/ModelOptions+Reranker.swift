#if Command

import Martlet

extension ModelOptions {
    /// The model that scores pairs; none is built in.
    func loadReranker() throws -> Reranker { try loadReranker(model) }

    func loadReranker(_ path: String?) throws -> Reranker {
        guard let path else {
            throw CommandError.usage(
                "rerank needs a model that reads a query and a document together, and none is built in; name its folder, or a model that was pulled, with --model "
                    + "(cross-encoder/ms-marco-MiniLM-L6-v2 and BAAI/bge-reranker-v2-m3 are such models), or pass --by-similarity to rank "
                    + "by the similarity of vectors")
        }
        guard pooling.pooling == .native else {
            throw CommandError.usage(
                "--pooling is for vectors; a model that scores pairs has none, so drop it or pass --by-similarity"
            )
        }
        guard task == nil else {
            throw CommandError.usage(
                "--task is for vectors; a model that scores pairs has none, so drop it or pass --by-similarity"
            )
        }
        return try Reranker(
            ModelName.source(path),
            configuration: ModelConfiguration(
                threads: threads, precision: precision, instructionSet: instructionSet,
                maxBatchTokens: maxBatchTokens,
                maxTokens: maxTokens, weightCache: weightCache))
    }
}

#endif
