#if Command

import Martlet

/// The library's sparse embedder with the options of a run.
struct SparseEngine: TextEngine {
    let embedder: SparseEmbedder
    let role: TextRole?
    let options: EmbedOptions
    /// Whether the token, or the word, of each dimension is written too.
    let namesTokens: Bool

    func embed(_ texts: [String]) throws -> EngineResult {
        let found: SparseEmbeddings
        var rows: [Rows.Sparse] = []
        do throws(MartletError) {
            found = try embedder.embedBlocking(texts, as: role, options: options)
            for (text, vector) in zip(texts, found) {
                rows.append(
                    Rows.Sparse(
                        indices: vector.indices, values: vector.values, dimensions: embedder.model.dimensions,
                        tokens: namesTokens ? try names(of: vector, in: text) : nil))
            }
        } catch {
            throw error.ofText
        }
        return EngineResult(
            rows: Rows(sparse: rows), tokens: found.usage.tokens, truncated: found.usage.truncatedInputs, blank: found.usage.blankInputs)
    }

    private func names(of vector: SparseEmbedding, in text: String) throws(MartletError) -> [String] {
        let words = try embedder.words(of: text, as: role, options: options)
        return vector.indices.map { words[$0] ?? embedder.token(at: $0) ?? "" }
    }
}

#endif
