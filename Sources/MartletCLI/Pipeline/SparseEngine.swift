import Martlet

/// The library's sparse embedder with the options of a run.
struct SparseEngine: TextEngine {
    let embedder: SparseEmbedder
    let role: TextRole?
    let options: SparseOptions
    /// Whether the token of each dimension is written too.
    let namesTokens: Bool

    func embed(_ texts: [String]) throws -> EngineResult {
        let found: SparseEmbeddings
        do throws(MartletError) {
            found = try embedder.embedBlocking(texts, as: role, options)
        } catch {
            throw error.ofText
        }
        let rows = found.map { vector in
            Rows.Sparse(
                indices: vector.indices, values: vector.values, dimensions: embedder.model.dimensions,
                tokens: namesTokens ? vector.indices.map { embedder.token(at: $0) ?? "" } : nil)
        }
        return EngineResult(
            rows: Rows(sparse: rows), tokens: found.usage.tokens, truncated: found.usage.truncatedInputs, blank: found.usage.blankInputs)
    }
}
