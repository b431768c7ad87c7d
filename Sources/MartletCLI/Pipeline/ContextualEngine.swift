#if Command

import Martlet

/// The library's contextual embedder with the options of a run: the rows of a corpus's context.
struct ContextualEngine: TextEngine {
    let embedder: CorpusEmbedder
    let role: TextRole?
    let options: EmbedOptions
    let quantizer: RowQuantizer

    /// A text takes as long as several hundred tokens, however short it is: small calls keep what is written close behind.
    func count(ofFirst records: ArraySlice<Record>) -> Int { min(records.count, 256) }

    func embed(_ texts: [String]) throws -> EngineResult {
        let embeddings: Embeddings
        do throws(MartletError) {
            embeddings = try embedder.embedBlocking(texts, as: role, options: options)
        } catch {
            throw error.ofText
        }
        return EngineResult(
            rows: try quantizer.rows(embeddings), tokens: embeddings.usage.tokens, truncated: embeddings.usage.truncatedInputs,
            blank: embeddings.usage.blankInputs)
    }
}

#endif
