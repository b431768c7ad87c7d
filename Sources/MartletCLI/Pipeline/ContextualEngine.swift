#if Command

import Martlet
import MartletData

/// The library's contextual embedder with the options of a run: the rows of a corpus's context.
struct ContextualEngine: TextProcessor {
    let embedder: CorpusEmbedder
    let role: TextRole?
    let options: EmbedOptions
    let quantizer: RowQuantizer

    /// A text takes as long as several hundred tokens, however short it is: small calls keep what is written
    /// close behind.
    func count(ofFirst records: ArraySlice<Record>) -> Int { min(records.count, 256) }

    func process(_ texts: [String]) async throws -> Processed<VectorRows> {
        let embeddings: Embeddings
        do {
            embeddings = try await embedder.embed(texts, as: role, options: options)
        } catch let error as MartletError {
            throw error.ofText
        }
        return Processed(try quantizer.rows(embeddings), embeddings.usage)
    }
}

#endif
