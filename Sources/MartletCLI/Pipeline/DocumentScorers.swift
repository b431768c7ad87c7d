#if Command

import Martlet
import MartletData

/// A model that reads the query and a document together.
struct PairScorer: TextProcessor {
    let reranker: Reranker
    let query: String
    let options: RerankOptions

    func process(_ texts: [String]) async throws -> Processed<[Float]> {
        do {
            let scores = try await reranker.scores(of: texts, for: query, options: options)
            return Processed(scores.values, scores.usage)
        } catch let error as MartletError {
            throw error.ofText
        }
    }
}

/// The similarity of the document's vector to the query's.
struct SimilarityScorer: TextProcessor {
    private let embedder: Embedder
    private let query: Embedding
    private let options: EmbedOptions
    /// Whether the query was longer than the model's tokens.
    let isQueryCut: Bool

    init(_ embedder: Embedder, query: String, truncation: TruncationPolicy) async throws {
        self.embedder = embedder
        options = EmbedOptions(truncation: truncation)
        do {
            let found = try await embedder.embed([query], as: .query, options: options)
            self.query = found[0]
            isQueryCut = !found.usage.truncatedInputs.isEmpty
        } catch let error as MartletError {
            throw MartletError(
                error.code, "the query: \(error.message(calling: "the text"))", file: error.file)
        }
    }

    func process(_ texts: [String]) async throws -> Processed<[Float]> {
        do {
            let vectors = try await embedder.embed(texts, as: .document, options: options)
            let function = embedder.model.similarity
            return Processed(try vectors.map { try query.similarity(to: $0, by: function) }, vectors.usage)
        } catch let error as MartletError {
            throw error.ofText
        }
    }
}

#endif
