import Martlet

/// The library's embedder with the options of a run.
struct LibraryEngine: TextEngine {
    let embedder: Embedder
    let role: TextRole?
    let options: EmbedOptions
    let quantizer: RowQuantizer

    func embed(_ texts: [String]) throws -> EngineResult {
        let embeddings: Embeddings
        do throws(MartletError) {
            embeddings = try embedder.embedBlocking(texts, as: role, options)
        } catch {
            throw error.ofText
        }
        return EngineResult(
            rows: try quantizer.rows(embeddings), tokens: embeddings.usage.tokens, truncated: embeddings.usage.truncatedInputs,
            blank: embeddings.usage.blankInputs)
    }
}
