#if Command

import Martlet
import MartletData

/// The library's sparse embedder with the options of a run.
struct SparseEngine: TextProcessor {
    let embedder: SparseEmbedder
    let role: TextRole?
    let options: EmbedOptions
    /// Whether the token, or the word, of each dimension is written too.
    let namesTokens: Bool

    func process(_ texts: [String]) async throws -> Processed<VectorRows> {
        let found: SparseEmbeddings
        var rows: [SparseRow] = []
        do {
            found = try await embedder.embed(texts, as: role, options: options)
            for (text, vector) in zip(texts, found) {
                rows.append(
                    SparseRow(
                        indices: vector.indices, values: vector.values, dimensions: embedder.model.dimensions,
                        tokens: namesTokens ? try names(of: vector, in: text) : nil))
            }
        } catch let error as MartletError {
            throw error.ofText
        }
        return Processed(.sparse(rows), found.usage)
    }

    private func names(of vector: SparseEmbedding, in text: String) throws(MartletError) -> [String] {
        let words = try embedder.words(of: text, as: role, options: options)
        return vector.indices.map { words[$0] ?? embedder.token(at: $0) ?? "" }
    }
}

#endif
